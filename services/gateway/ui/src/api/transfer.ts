import { failed } from "./client";
import { Problem } from "./problem";

interface TransferOptions {
  headers?: Record<string, string>;
  /** Called with the number of bytes sent so far. */
  onProgress?: (sent: number) => void;
  signal?: AbortSignal;
}

/** Send bytes as the body of a request; resolves to the JSON of the response or rejects with a Problem. */
export function sendBytes(
  method: "PUT" | "POST",
  url: string,
  bytes: Blob,
  options: TransferOptions = {},
): Promise<unknown> {
  // fetch reports no upload progress.
  const request = new XMLHttpRequest();
  request.open(method, url);
  request.setRequestHeader("Content-Type", "application/octet-stream");
  for (const [name, value] of Object.entries(options.headers ?? {})) request.setRequestHeader(name, value);
  request.upload.onprogress = (event) => options.onProgress?.(event.loaded);
  return new Promise((resolve, reject) => {
    const abort = (): void => request.abort();
    options.signal?.addEventListener("abort", abort, { once: true });
    request.onloadend = () => {
      options.signal?.removeEventListener("abort", abort);
      const body = parsed(request.responseText);
      if (request.status >= 200 && request.status < 300) resolve(body);
      else reject(failed(request.status, body));
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
