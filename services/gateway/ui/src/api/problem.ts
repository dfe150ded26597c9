import { sentenceOf, type Reason } from "../i18n/reasons";
import type { components } from "./schema";
import type { Complete } from "./types";

type Params = Complete<components["schemas"]["Reason"]>["params"];

export interface FieldError extends Reason {
  field: string;
}

/** An error response (RFC 9457), or a request without a response, which has status 0. */
export class Problem extends Error {
  constructor(
    readonly status: number,
    readonly title: string,
    readonly reason: Reason = {},
    readonly errors: readonly FieldError[] = [],
  ) {
    super(reason.detail || title);
  }

  /** The explanation in the chosen language; empty where the response has none. */
  get sentence(): string {
    return sentenceOf(this.reason) || this.title;
  }

  /** The problem as the reason of a single refusal. */
  get refusal(): { code: string; params: Params; message: string } {
    const { code, params, detail } = this.reason;
    return { code: code ?? "", params: (params ?? {}) as Params, message: detail || this.title };
  }

  /** The sentence about one field; of a nested field, the last part of its name counts. */
  field(name: string): string | undefined {
    const error = this.errors.find((e) => e.field === name || e.field.endsWith(`.${name}`));
    return error && sentenceOf(error);
  }
}

/** The problem that the body of an error response describes. */
export function problemOf(status: number, body: unknown): Problem {
  const { title, errors, ...reason } = (typeof body === "object" && body !== null ? body : {}) as ProblemBody;
  return new Problem(status, title ?? "", reason, errors ?? []);
}

interface ProblemBody extends Reason {
  title?: string;
  errors?: FieldError[];
}

/** Anything thrown, as a problem. */
export function asProblem(error: unknown): Problem {
  if (error instanceof Problem) return error;
  return new Problem(0, error instanceof Error ? error.message : String(error));
}
