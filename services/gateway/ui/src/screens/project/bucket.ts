import type { Problem } from "../../api/problem";
import type { Bucket } from "../../api/types";

/** The fields of an external S3 bucket, in the order of the form. */
export const BUCKET_FIELDS = [
  "endpoint",
  "region",
  "bucket",
  "folder",
  "access_key",
  "secret_key",
] as const satisfies (keyof Bucket)[];

/** A bucket to be filled in. */
export function emptyBucket(): Bucket {
  return { endpoint: "", region: "us-east-1", bucket: "", folder: "", access_key: "", secret_key: "" };
}

/** Whether every required field is filled in; the folder is optional. */
export function isFilled(place: Bucket): boolean {
  return BUCKET_FIELDS.every((name) => name === "folder" || place[name].trim() !== "");
}

/** Clear the keys, which are used once. */
export function forgetKeys(place: Bucket): void {
  Object.assign(place, { access_key: "", secret_key: "" });
}

/** Whether the problem belongs to a field of the bucket. */
export function concernsBucket(problem: Problem): boolean {
  return BUCKET_FIELDS.some((name) => problem.field(name) !== undefined);
}

/** The location for display: host / bucket / folder. */
export function pathOf(place: Pick<Bucket, "endpoint" | "bucket" | "folder">): string {
  const host = place.endpoint.replace(/^https?:\/\//, "");
  return [host, place.bucket, ...place.folder.split("/")].filter(Boolean).join(" / ");
}
