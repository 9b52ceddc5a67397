/** Breaks text into lines as goutils' WrapCustom does (in bytes; leading spaces of a line are dropped). */
import type { Budget } from '../budget.ts'
import { fromBytes, toBytes } from '../strconv/go-string.ts'

const SPACE = 32

export function wrapText(
  value: string,
  width: number,
  newline: string,
  breakWords: boolean,
  budget: Budget,
): string {
  if (value === '') return ''
  const bytes = toBytes(value)
  const length = Math.max(width, 1)
  const separator = newline === '' ? '\n' : newline
  budget.allocate(value.length + Math.ceil(bytes.length / length) * separator.length)
  const lines: Uint8Array[] = []
  let at = 0
  while (bytes.length - at > length) {
    budget.charge(4)
    if (bytes[at] === SPACE) {
      at++
      continue
    }
    const space = bytes.subarray(at, at + length + 1).lastIndexOf(SPACE)
    if (space >= 0) {
      lines.push(bytes.subarray(at, at + space))
      at += space + 1
    } else if (breakWords) {
      lines.push(bytes.subarray(at, at + length))
      at += length
    } else {
      const end = bytes.indexOf(SPACE, at + length)
      if (end < 0) break
      lines.push(bytes.subarray(at, end))
      at = end + 1
    }
  }
  return [...lines.map(fromBytes), fromBytes(bytes.subarray(at))].join(separator)
}
