/** The options about captures, of the server and of `remora admin capture`. */
import type { OptionTable, Values } from './option.ts'
import { type Parsed, parseBytes, parseChoice, parseFlag, parseInteger, parseText } from './units.ts'

/** The filter of a recording. All given options must match; of a repeated option, one value must match. */
export const CAPTURE_FILTER_OPTIONS = {
  'capture-namespace': {
    placeholder: 'NAME',
    help: 'record only pods of this namespace',
    parse: parseText,
    repeatable: true,
  },
  'capture-workload': {
    placeholder: 'NAME',
    help: 'record only pods of this workload: the name of the pod or of its owner, or the part of either name before a dash',
    parse: parseText,
    repeatable: true,
  },
  'capture-revision': {
    placeholder: 'REV',
    help: 'record only reviews for which this revision was chosen',
    parse: parseText,
    repeatable: true,
  },
  'capture-code': {
    placeholder: 'CODE',
    help: 'record only responses with this reason code',
    parse: parseText,
    repeatable: true,
  },
  'capture-failures-only': {
    placeholder: '',
    help: 'record only refused reviews and errors',
    parse: parseFlag,
    defaultText: 'false',
  },
  'capture-sample': {
    placeholder: 'PERCENT',
    help: 'record only this percentage of the reviews that the other filters select, chosen at random',
    parse: parsePercent,
    defaultText: '100',
  },
} as const satisfies OptionTable

export const CAPTURE_OPTIONS = {
  capture: {
    placeholder: 'DIR',
    help: 'record reviews and responses in this folder for remora replay, redacted and limited in size; off by default',
    parse: parseText,
  },
  'capture-reviews': {
    placeholder: 'N',
    help: 'maximum number of reviews in the folder; the oldest are deleted first',
    parse: parseInteger(1, 10_000_000),
    defaultText: '1000',
  },
  'capture-bytes': {
    placeholder: 'SIZE',
    help: 'maximum size of the folder',
    parse: parseBytes,
    defaultText: '64Mi',
  },
  'capture-configurations': {
    placeholder: 'kept|left-out',
    help: 'kept: record configurations and ProxyConfigs too; left-out: omit them, so that a replay needs --cluster',
    parse: parseChoice(['kept', 'left-out']),
    defaultText: 'kept',
  },
  'capture-raw': {
    placeholder: '',
    help: 'record complete reviews, including secrets, without redaction',
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
