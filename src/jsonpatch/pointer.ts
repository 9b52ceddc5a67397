/** Writes and reads the tokens of RFC 6901 JSON pointers. Their meaning in a list is defined in apply and diff. */
import { JsonPatchError } from './error.ts'

/** The pointer to `token` below `pointer`. */
export function appendToken(pointer: string, token: string | number): string {
  if (typeof token === 'number') return `${pointer}/${token}`
  return `${pointer}/${escapeToken(token)}`
}

export function escapeToken(token: string): string {
  if (!token.includes('~') && !token.includes('/')) return token
  return token.replaceAll('~', '~0').replaceAll('/', '~1')
}

/** The tokens of a pointer; none for "", the whole document. @throws JsonPatchError json-pointer-syntax */
export function parsePointer(pointer: string): string[] {
  if (pointer === '') return []
  if (!pointer.startsWith('/')) {
    throw new JsonPatchError(
      'json-pointer-syntax',
      `a JSON pointer must be "" or start with "/", found ${show(pointer)}`,
    )
  }
  const tokens = pointer.slice(1).split('/')
  return pointer.includes('~') ? tokens.map((token) => unescapeToken(token, pointer)) : tokens
}

function unescapeToken(token: string, pointer: string): string {
  if (/~(?![01])/.test(token)) {
    throw new JsonPatchError(
      'json-pointer-syntax',
      `"~" must be followed by 0 or 1 in a JSON pointer, found ${show(pointer)}`,
    )
  }
  return token.replaceAll('~1', '/').replaceAll('~0', '~')
}

/** The list index that a token denotes (RFC 6901: no sign, no leading zero), or undefined. */
export function parseIndex(token: string): number | undefined {
  if (!/^(?:0|[1-9][0-9]{0,14})$/.test(token)) return undefined
  return Number(token)
}

function show(pointer: string): string {
  return JSON.stringify(pointer.length > 200 ? `${pointer.slice(0, 200)}...` : pointer)
}
