import { tick } from "svelte";

/** Scroll to the first error of a form and focus it. */
export async function focusFirstError(form: HTMLElement | null): Promise<void> {
  await tick();
  const first = form?.querySelector<HTMLElement>("[aria-invalid=true], [role=alert]");
  first?.scrollIntoView({ block: "center" });
  first?.focus();
}
