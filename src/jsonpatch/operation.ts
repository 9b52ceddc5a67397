import type { JsonValue } from '../json/index.ts'

/** One RFC 6902 operation of the kinds that a diff needs. */
export type DiffOperation =
  | { readonly op: 'add'; readonly path: string; readonly value: JsonValue }
  | { readonly op: 'replace'; readonly path: string; readonly value: JsonValue }
  | { readonly op: 'remove'; readonly path: string }

/** All of RFC 6902, for patches from elsewhere. */
export type JsonPatchOperation =
  | DiffOperation
  | { readonly op: 'move'; readonly from: string; readonly path: string }
  | { readonly op: 'copy'; readonly from: string; readonly path: string }
  | { readonly op: 'test'; readonly path: string; readonly value: JsonValue }
