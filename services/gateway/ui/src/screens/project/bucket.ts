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
export function isFilled(bucket: Bucket): boolean {
  return BUCKET_FIELDS.every((name) => name === "folder" || bucket[name].trim() !== "");
}

/** Clear the keys, which are used once. */
export function clearKeys(bucket: Bucket): void {
  Object.assign(bucket, { access_key: "", secret_key: "" });
}

/** Whether the problem belongs to a field of the bucket. */
export function concernsBucket(problem: Problem): boolean {
  return BUCKET_FIELDS.some((name) => problem.field(name) !== undefined);
}

/** The location for display: host / bucket / folder. */
export function pathOf(bucket: Pick<Bucket, "endpoint" | "bucket" | "folder">): string {
  const host = bucket.endpoint.replace(/^https?:\/\//, "");
  return [host, bucket.bucket, ...bucket.folder.split("/")].filter(Boolean).join(" / ");
}
