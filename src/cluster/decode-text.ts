/** Bytes of a file that a person wrote, as text. kubectl reads UTF-8 only. */

export type DecodedText =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly problem: string }

export function decodeText(bytes: Uint8Array): DecodedText {
  const utf16 = utf16Of(bytes)
  if (utf16 !== undefined) {
    const problem = `it is ${utf16}, as PowerShell's > writes it; save it as UTF-8 (in PowerShell: | Out-File -Encoding utf8)`
    return { ok: false, problem }
  }
  try {
    return { ok: true, text: new TextDecoder('utf-8', { fatal: true }).decode(bytes) }
  } catch {
    return { ok: false, problem: 'it is not UTF-8 text' }
  }
}

/** By the byte order mark, or by zero bytes where ASCII has none. */
function utf16Of(bytes: Uint8Array): string | undefined {
  const [first, second, third, fourth] = bytes
  if (first === 0xff && second === 0xfe) return 'UTF-16 (little-endian)'
  if (first === 0xfe && second === 0xff) return 'UTF-16 (big-endian)'
  if (first !== 0 && second === 0 && third !== 0 && fourth === 0) return 'UTF-16 (little-endian)'
  return first === 0 && second !== 0 && third === 0 && fourth !== 0 ? 'UTF-16 (big-endian)' : undefined
}
