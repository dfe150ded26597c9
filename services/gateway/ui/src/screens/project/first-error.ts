import { tick } from "svelte";

/** Bring the first fault of a form into sight, and the keyboard to it. */
export async function showFault(form: HTMLElement | null): Promise<void> {
  await tick();
  const first = form?.querySelector<HTMLElement>("[aria-invalid=true], [role=alert]");
  first?.scrollIntoView({ block: "center" });
  first?.focus();
}
