/**
 * The scanner's output, consumed by the composer. Kinds are plain numbers because they are compared for every few
 * characters.
 */
export const STREAM_END = 0
export const VERSION_DIRECTIVE = 1
export const TAG_DIRECTIVE = 2
export const DOCUMENT_START = 3
export const DOCUMENT_END = 4
export const BLOCK_SEQUENCE_START = 5
export const BLOCK_MAPPING_START = 6
export const BLOCK_END = 7
export const FLOW_SEQUENCE_START = 8
export const FLOW_SEQUENCE_END = 9
export const FLOW_MAPPING_START = 10
export const FLOW_MAPPING_END = 11
export const BLOCK_ENTRY = 12
export const FLOW_ENTRY = 13
export const KEY = 14
export const VALUE = 15
export const ALIAS = 16
export const ANCHOR = 17
export const TAG = 18
export const SCALAR = 19

export class Token {
  readonly kind: number
  /** Offset in the text. */
  readonly start: number
  /** 0-based. */
  readonly line: number
  /** 0-based. */
  readonly column: number
  /** Scalar text, anchor name, tag suffix, directive value. */
  value: string
  /** A tag's or %TAG directive's handle. */
  handle = ''
  /** A scalar without quotes or block indicator, which may be of another type than string. */
  plain = false
  /** It may still turn out to be a mapping key. */
  mayBeKey = false
  /** No token may be released from here on before it is known whether this is a key. */
  held = false
  /** It has been consumed. */
  taken = false
  /** It must turn out to be a key, because it is in the column of the current block mapping's keys. */
  mustBeKey = false
  /** Tokens in front of this one: 1: KEY; 2: BLOCK_MAPPING_START, KEY. */
  before = 0

  constructor(kind: number, start: number, line: number, column: number, value: string) {
    this.kind = kind
    this.start = start
    this.line = line
    this.column = column
    this.value = value
  }
}
