/** Names and sentences in messages. */

/** Some names, and how many more there are. */
export function few(names: readonly string[], most = 3): string {
  const shown = names.slice(0, most).join(', ')
  return names.length <= most ? shown : `${shown} and ${names.length - most} more`
}

/** With a capital at its beginning. */
export function capitalised(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}
