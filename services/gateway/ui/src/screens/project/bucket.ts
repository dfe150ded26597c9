import type { Problem } from "../../api/problem";
import type { Bucket } from "../../api/types";

/** The fields of someone else's S3, in the order in which they are asked for. */
export const PLACE_FIELDS = [
  "endpoint",
  "region",
  "bucket",
  "folder",
  "access_key",
  "secret_key",
] as const satisfies (keyof Bucket)[];

/** A place that is still to be filled in. */
export function emptyPlace(): Bucket {
  return { endpoint: "", region: "us-east-1", bucket: "", folder: "", access_key: "", secret_key: "" };
}

/** Whether all is given that there has to be; the folder may be the whole bucket. */
export function isFilled(place: Bucket): boolean {
  return PLACE_FIELDS.every((name) => name === "folder" || place[name].trim() !== "");
}

/** The keys are used once. */
export function forgetKeys(place: Bucket): void {
  Object.assign(place, { access_key: "", secret_key: "" });
}

/** Whether a refusal is said at one of the fields. */
export function isAboutPlace(problem: Problem): boolean {
  return PLACE_FIELDS.some((name) => problem.field(name) !== undefined);
}

/** Where something lies, as it is read: host / bucket / folder. */
export function pathOf(place: Pick<Bucket, "endpoint" | "bucket" | "folder">): string {
  const host = place.endpoint.replace(/^https?:\/\//, "");
  return [host, place.bucket, ...place.folder.split("/")].filter(Boolean).join(" / ");
}
