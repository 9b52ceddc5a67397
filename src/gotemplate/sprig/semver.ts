/** semver and semverCompare as in the Go package Masterminds/semver 3.3. */
import { type FunctionTable, GoFunctionError } from '../functions.ts'
import {
  boolType,
  intType,
  type MethodSpec,
  pointerTo,
  StructType,
  stringType,
  uint64Type,
} from '../types.ts'
import { type GoValue, PointerValue, ScalarValue, StructValue } from '../values.ts'
import { ofStrings } from './define.ts'

export interface Version {
  readonly numbers: readonly [bigint, bigint, bigint]
  readonly pre: string
  readonly metadata: string
  readonly original: string
}

const VERSION =
  /^v?([0-9]+)(?:\.([0-9]+))?(?:\.([0-9]+))?(?:-([0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*))?(?:\+([0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*))?$/

export function parseVersion(text: string): Version {
  const match = VERSION.exec(text)
  if (match === null) throw new GoFunctionError('Invalid Semantic Version')
  const [, major = '0', minor = '0', patch = '0', pre = '', metadata = ''] = match
  const numbers = [BigInt(major), BigInt(minor), BigInt(patch)] as const
  if (numbers.some((number) => number >= 2n ** 64n)) {
    throw new GoFunctionError('Error parsing version segment: value out of range')
  }
  if (pre.split('.').some((part) => /^0[0-9]+$/.test(part))) {
    throw new GoFunctionError('Version segment starts with 0')
  }
  return { numbers, pre, metadata, original: text }
}

export function compareVersions(a: Version, b: Version): number {
  for (const [i, number] of a.numbers.entries()) {
    const other = b.numbers[i] ?? 0n
    if (number !== other) return number < other ? -1 : 1
  }
  if (a.pre === b.pre) return 0
  if (a.pre === '') return 1
  return b.pre === '' ? -1 : comparePre(a.pre.split('.'), b.pre.split('.'))
}

function comparePre(a: readonly string[], b: readonly string[]): number {
  for (let i = 0; i < Math.max(a.length, b.length); i++) {
    const order = comparePart(a[i], b[i])
    if (order !== 0) return order
  }
  return 0
}

/** A missing part is less than any other; numbers are less than words. */
function comparePart(a: string | undefined, b: string | undefined): number {
  if (a === b) return 0
  if (a === undefined) return -1
  if (b === undefined) return 1
  const numeric = [a, b].map((part) => /^[0-9]+$/.test(part))
  if (numeric[0] !== numeric[1]) return numeric[0] === true ? -1 : 1
  if (numeric[0] === true) return BigInt(a) < BigInt(b) ? -1 : BigInt(a) > BigInt(b) ? 1 : 0
  return a < b ? -1 : 1
}

function showVersion({ numbers, pre, metadata }: Version): string {
  return `${numbers.join('.')}${pre === '' ? '' : `-${pre}`}${metadata === '' ? '' : `+${metadata}`}`
}

function versionOf(value: GoValue): Version {
  const struct = value instanceof PointerValue ? value.target : value
  const backing = struct instanceof StructValue ? struct.backing : undefined
  if (backing === undefined) throw new GoFunctionError('nil version', true)
  // Only `value` makes structs of this type, with this backing.
  const { major, minor, patch, ...rest } = backing as unknown as VersionFields
  return { numbers: [major, minor, patch], ...rest }
}

/** The backing of a version's struct. */
interface VersionFields extends Omit<Version, 'numbers'> {
  readonly major: bigint
  readonly minor: bigint
  readonly patch: bigint
}

const uint64 = (value: bigint | undefined): GoValue => new ScalarValue(uint64Type, value ?? 0n)

const versionType: StructType = new StructType(
  'semver.Version',
  () => [
    { name: 'major', type: uint64Type, unexported: true },
    { name: 'minor', type: uint64Type, unexported: true },
    { name: 'patch', type: uint64Type, unexported: true },
    { name: 'pre', type: stringType, unexported: true },
    { name: 'metadata', type: stringType, unexported: true },
    { name: 'original', type: stringType, unexported: true },
  ],
  (): readonly MethodSpec[] => [
    getter('Major', uint64Type, ({ numbers }) => uint64(numbers[0])),
    getter('Minor', uint64Type, ({ numbers }) => uint64(numbers[1])),
    getter('Patch', uint64Type, ({ numbers }) => uint64(numbers[2])),
    getter('Prerelease', stringType, ({ pre }) => pre),
    getter('Metadata', stringType, ({ metadata }) => metadata),
    getter('String', stringType, showVersion),
    { ...getter('Original', stringType, ({ original }) => original), receiver: 'pointer' },
    getter('IncPatch', versionType, (version) => value(increased(version, 2))),
    getter('IncMinor', versionType, (version) => value(increased(version, 1))),
    getter('IncMajor', versionType, (version) => value(increased(version, 0))),
    comparison('Compare', (order) => BigInt(order)),
    comparison('LessThan', (order) => order < 0),
    comparison('GreaterThan', (order) => order > 0),
    comparison('Equal', (order) => order === 0),
  ],
  (struct) => JSON.stringify(showVersion(versionOf(struct))),
)

function getter(
  name: string,
  returns: MethodSpec['returns'],
  read: (version: Version) => GoValue,
): MethodSpec {
  return { name, receiver: 'value', params: [], returns, call: (receiver) => read(versionOf(receiver)) }
}

function comparison(name: string, result: (order: number) => GoValue): MethodSpec {
  return {
    name,
    receiver: 'pointer',
    params: [pointerTo(versionType)],
    returns: name === 'Compare' ? intType : boolType,
    call: (receiver, [other]) => result(compareVersions(versionOf(receiver), versionOf(other))),
  }
}

/** The next patch, minor or major version; the next patch of a prerelease is its own release. */
function increased({ numbers, pre, original }: Version, at: 0 | 1 | 2): Version {
  const [major, minor, patch] = numbers
  const next: Version['numbers'] =
    at === 0
      ? [major + 1n, 0n, 0n]
      : at === 1
        ? [major, minor + 1n, 0n]
        : [major, minor, pre === '' ? patch + 1n : patch]
  const prefix = original.startsWith('v') ? 'v' : ''
  return { numbers: next, pre: '', metadata: '', original: prefix + next.join('.') }
}

function value(version: Version): StructValue {
  const [major, minor, patch] = version.numbers
  const { pre, metadata, original } = version
  const fields: VersionFields = { major, minor, patch, pre, metadata, original }
  return new StructValue(versionType, { ...fields }, true)
}

export const semver: FunctionTable = {
  semver: ofStrings(
    1,
    pointerTo(versionType),
    ([text = '']) => new PointerValue(pointerTo(versionType), value(parseVersion(text))),
  ),
}
