/** Owns: the options about captures, of the server and of `remora admin capture`. Not here: the other options (schema.ts). */
import type { OptionTable, Values } from './option.ts'
import { type Parsed, parseBytes, parseChoice, parseFlag, parseInteger, parseText } from './units.ts'

/** Which reviews are recorded; all that are given must hold, and of one that is repeated any. */
export const CAPTURE_FILTER_OPTIONS = {
  'capture-namespace': {
    placeholder: 'NAME',
    help: 'record pods of this namespace only',
    parse: parseText,
    repeatable: true,
  },
  'capture-workload': {
    placeholder: 'NAME',
    help: 'record pods of this workload only: the name of the pod, of its owner, or what either begins with before a dash',
    parse: parseText,
    repeatable: true,
  },
  'capture-revision': {
    placeholder: 'REV',
    help: 'record what this revision decided only',
    parse: parseText,
    repeatable: true,
  },
  'capture-code': {
    placeholder: 'CODE',
    help: 'record answers with this reason code only',
    parse: parseText,
    repeatable: true,
  },
  'capture-failures-only': {
    placeholder: '',
    help: 'record refused and faulted reviews only',
    parse: parseFlag,
    defaultText: 'false',
  },
  'capture-sample': {
    placeholder: 'PERCENT',
    help: 'record this share of what is left, chosen by chance',
    parse: parsePercent,
    defaultText: '100',
  },
} as const satisfies OptionTable

export const CAPTURE_OPTIONS = {
  capture: {
    placeholder: 'DIR',
    help: 'record answered reviews in this folder, redacted and bounded, for remora replay; off unless given',
    parse: parseText,
  },
  'capture-reviews': {
    placeholder: 'N',
    help: 'reviews kept; the oldest go first',
    parse: parseInteger(1, 10_000_000),
    defaultText: '1000',
  },
  'capture-bytes': {
    placeholder: 'SIZE',
    help: 'bytes kept in the folder',
    parse: parseBytes,
    defaultText: '64Mi',
  },
  'capture-configurations': {
    placeholder: 'kept|left-out',
    help: 'whether configuration texts and ProxyConfigs are recorded too; a replay needs --cluster without them',
    parse: parseChoice(['kept', 'left-out']),
    defaultText: 'kept',
  },
  'capture-raw': {
    placeholder: '',
    help: 'record reviews as they are, secrets and all, instead of redacted',
    parse: parseFlag,
    defaultText: 'false',
  },
  ...CAPTURE_FILTER_OPTIONS,
} as const satisfies OptionTable

export type CaptureOptions = Values<typeof CAPTURE_OPTIONS>
export type CaptureFilterOptions = Values<typeof CAPTURE_FILTER_OPTIONS>

/** More than 0, at most 100. */
function parsePercent(text: string): Parsed<number> {
  const value = /^\d{1,3}(?:\.\d{1,6})?$/.test(text) ? Number(text) : 0
  return value > 0 && value <= 100
    ? { ok: true, value }
    : { ok: false, expected: 'a number above 0 and up to 100' }
}
