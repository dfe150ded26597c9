import { signedOut } from "./client";
import { Problem, problemOf } from "./problem";

interface Sending {
  headers?: Record<string, string>;
  /** Told how many bytes are on their way. */
  moved?: (sent: number) => void;
  signal?: AbortSignal;
}

/** Send bytes as the body of a request; gives the JSON of the answer, or raises a Problem. */
export function sendBytes(method: "PUT" | "POST", url: string, bytes: Blob, options: Sending = {}): Promise<unknown> {
  // fetch tells no progress of what it sends.
  const request = new XMLHttpRequest();
  request.open(method, url);
  request.setRequestHeader("Content-Type", "application/octet-stream");
  for (const [name, value] of Object.entries(options.headers ?? {})) request.setRequestHeader(name, value);
  request.upload.onprogress = (event) => options.moved?.(event.loaded);
  return new Promise((resolve, reject) => {
    const stop = (): void => request.abort();
    options.signal?.addEventListener("abort", stop, { once: true });
    request.onloadend = () => {
      options.signal?.removeEventListener("abort", stop);
      const body = parsed(request.responseText);
      if (request.status >= 200 && request.status < 300) return resolve(body);
      if (request.status === 401) signedOut.dispatchEvent(new Event("signed-out"));
      reject(request.status === 0 ? new Problem(0, "offline") : problemOf(request.status, body));
    };
    if (options.signal?.aborted) reject(new Problem(0, "cancelled"));
    else request.send(bytes);
  });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
