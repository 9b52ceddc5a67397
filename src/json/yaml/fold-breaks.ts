/** What a run of line breaks inside a folded scalar means. */

/**
 * One break becomes a space and further ones are kept; U+2028 and U+2029 (YAML 1.1's other breaks) are never folded.
 */
export function foldBreaks(first: string, more: string): string {
  if (first !== '\n') return first + more
  return more === '' ? ' ' : more
}
