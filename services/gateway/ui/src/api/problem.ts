export interface FieldError {
  field: string;
  message: string;
}

/** A refusal in words (RFC 9457), or what went wrong on the way; status 0 is no answer at all. */
export class Problem extends Error {
  constructor(
    readonly status: number,
    readonly title: string,
    readonly detail = "",
    readonly errors: readonly FieldError[] = [],
  ) {
    super(detail || title);
  }

  /** What to tell the person. */
  get sentence(): string {
    return this.detail || this.title;
  }

  /** The message for one field; nested names count by their last part. */
  field(name: string): string | undefined {
    return this.errors.find((e) => e.field === name || e.field.endsWith(`.${name}`))?.message;
  }
}

/** The problem that an error response tells. */
export function problemOf(status: number, body: unknown): Problem {
  const told = (typeof body === "object" && body !== null ? body : {}) as Partial<Problem>;
  return new Problem(status, told.title ?? `HTTP ${status}`, told.detail ?? "", told.errors ?? []);
}

/** Whatever was thrown, as a problem. */
export function asProblem(error: unknown): Problem {
  if (error instanceof Problem) return error;
  return new Problem(0, error instanceof Error ? error.message : String(error));
}
