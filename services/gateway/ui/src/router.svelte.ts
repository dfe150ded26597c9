/** The current path; `go` changes it without reloading the page. */
let path = $state(location.pathname);
let query = $state(location.search);

addEventListener("popstate", () => {
  path = location.pathname;
  query = location.search;
});

export const route = {
  get path(): string {
    return path;
  },
  get query(): URLSearchParams {
    return new URLSearchParams(query);
  },
  /** The parts of the path. */
  get parts(): string[] {
    return path.split("/").filter(Boolean);
  },
};

export function go(to: string, replace = false): void {
  if (replace) history.replaceState(null, "", to);
  else history.pushState(null, "", to);
  path = location.pathname;
  query = location.search;
  scrollTo(0, 0);
}

/** For links: a plain click navigates within the page, any other is left to the browser. */
export function follow(event: MouseEvent): void {
  const link = (event.currentTarget as HTMLElement).closest("a");
  const plain = event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey;
  if (!link || link.target || !plain) return;
  event.preventDefault();
  go(link.pathname + link.search);
}
