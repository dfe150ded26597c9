/** The names in a list such as `Car, Truck`, each once. */
export function listOf(text: string): string[] {
  const names = text.split(/[,，、]/).map((name) => name.trim());
  return [...new Set(names.filter(Boolean))];
}

/** Attributes and their values from a text such as `Direction: Left, Right; Colour: Red, Blue`. */
export function attributesOf(text: string): Record<string, string[]> {
  const found: Record<string, string[]> = {};
  for (const part of text.split(/[;；]/)) {
    const [name, ...values] = part.split(/[:：]/);
    if (name?.trim()) found[name.trim()] = listOf(values.join(":"));
  }
  return found;
}

/** The text that `attributesOf` reads. */
export function attributesText(attributes: Record<string, string[]>): string {
  return Object.entries(attributes)
    .map(([name, values]) => `${name}: ${values.join(", ")}`)
    .join("; ");
}
