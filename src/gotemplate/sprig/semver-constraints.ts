/** The function semverCompare: ranges such as `>=1.2 <2`, `~1.2`, `^1`, `1.2 - 1.4`, `||`. */
import { type FunctionTable, GoFunctionError } from '../functions.ts'
import { boolType, ofStrings } from './define.ts'
import { compareVersions, parseVersion, type Version } from './semver.ts'

interface Constraint {
  readonly operator: string
  readonly version: Version
  /** A number was left out or is an x; which one. */
  readonly dirty: boolean
  readonly minorDirty: boolean
  readonly patchDirty: boolean
}

const VERSION =
  'v?([0-9|xX*]+)(\\.[0-9|xX*]+)?(\\.[0-9|xX*]+)?(-(?:[0-9A-Za-z-]+(?:\\.[0-9A-Za-z-]+)*))?(?:\\+(?:[0-9A-Za-z-]+(?:\\.[0-9A-Za-z-]+)*))?'
const OPERATORS = '=|!=|>=|=>|<=|=<|>|<|~>|~|\\^|'
const PLAIN = VERSION.replace(/\((?!\?)/g, '(?:')
const ONE = new RegExp(`^\\s*(${OPERATORS})\\s*${VERSION}\\s*$`)
const EACH = new RegExp(`(?:${OPERATORS})\\s*${PLAIN}`, 'g')
const VALID = new RegExp(
  `^\\s*(?:${OPERATORS})\\s*${PLAIN}\\s*(?:(?:\\s+|,\\s*)(?:${OPERATORS})\\s*${PLAIN}\\s*)*$`,
)
const RANGE = new RegExp(`\\s*(${PLAIN})\\s+-\\s+(${PLAIN})\\s*`, 'g')
/** Longer texts are not constraints that a person wrote. */
const MAX_LENGTH = 300

function isWildcard(part: string | undefined): boolean {
  return part === undefined || /^\.?[xX*]?$/.test(part)
}

function parseOne(text: string): Constraint {
  if (text === '') {
    return { operator: '', version: parseVersion('0.0.0'), dirty: true, minorDirty: false, patchDirty: false }
  }
  const match = ONE.exec(text)
  if (match === null) throw new GoFunctionError(`improper constraint: ${text}`)
  const [, operator = '', major, minor, patch, pre = ''] = match
  const anyMajor = isWildcard(major)
  const minorDirty = !anyMajor && isWildcard(minor)
  const patchDirty = !anyMajor && !minorDirty && isWildcard(patch)
  const numbers = anyMajor
    ? '0.0.0'
    : minorDirty
      ? `${major}.0.0`
      : `${major}${minor}${patchDirty ? '.0' : patch}`
  let version: Version
  try {
    version = parseVersion(numbers + pre)
  } catch {
    throw new GoFunctionError('constraint Parser Error')
  }
  return { operator, version, dirty: anyMajor || minorDirty || patchDirty, minorDirty, patchDirty }
}

function check(version: Version, constraint: Constraint): boolean {
  const { version: limit, dirty, minorDirty, patchDirty } = constraint
  const order = compareVersions(version, limit)
  const [major, minor, patch] = version.numbers
  const [limitMajor, limitMinor, limitPatch] = limit.numbers
  // A prerelease matches only if the constraint has a prerelease.
  if (version.pre !== '' && limit.pre === '') return false
  switch (constraint.operator) {
    case '!=':
      if (dirty) {
        if (major !== limitMajor) return true
        if (minorDirty) return false
        if (minor !== limitMinor) return true
        if (patchDirty) return false
        if (patch !== limitPatch) return true
      }
      return order !== 0
    case '>':
      if (!dirty) return order > 0
      if (major !== limitMajor) return major > limitMajor
      if (minorDirty) return false
      return patchDirty ? minor > limitMinor : order > 0
    case '<':
      return order < 0
    case '>=':
    case '=>':
      return order >= 0
    case '<=':
    case '=<':
      if (!dirty) return order <= 0
      return !(major > limitMajor || (major === limitMajor && minor > limitMinor && !minorDirty))
    case '^':
      return order >= 0 && sameForCaret(version, constraint)
    case '~':
    case '~>':
      return order >= 0 && sameForTilde(version, constraint)
    default:
      return dirty ? order >= 0 && sameForTilde(version, constraint) : order === 0
  }
}

function sameForTilde(version: Version, { version: limit, minorDirty, patchDirty }: Constraint): boolean {
  const zero = limit.numbers.every((number) => number === 0n)
  if (zero && !minorDirty && !patchDirty) return true
  if (version.numbers[0] !== limit.numbers[0]) return false
  return minorDirty || version.numbers[1] === limit.numbers[1]
}

function sameForCaret(version: Version, { version: limit, minorDirty, patchDirty }: Constraint): boolean {
  const [major, minor, patch] = version.numbers
  const [limitMajor, limitMinor, limitPatch] = limit.numbers
  if (limitMajor > 0n || minorDirty) return major === limitMajor
  if (major > 0n) return false
  if (limitMinor > 0n || patchDirty) return minor === limitMinor
  return minor === 0n && patch === limitPatch
}

function satisfies(constraintText: string, versionText: string): boolean {
  if (constraintText.length > MAX_LENGTH) throw new GoFunctionError('the constraint is too long')
  // Runs of space are shortened first, which bounds the work of the patterns below.
  const ranged = constraintText
    .replace(/\s+/g, ' ')
    .replace(RANGE, (_, low: string, high: string) => `>= ${low}, <= ${high} `)
  const alternatives = ranged.split('||').map((segment) => {
    if (!VALID.test(segment)) throw new GoFunctionError(`improper constraint: ${segment}`)
    return (segment.match(EACH) ?? [segment]).map(parseOne)
  })
  const version = parseVersion(versionText)
  return alternatives.some((all) => all.every((constraint) => check(version, constraint)))
}

export const semverConstraints: FunctionTable = {
  semverCompare: ofStrings(2, boolType, ([constraint = '', version = ''], { budget }) => {
    budget.charge(Math.min(constraint.length, MAX_LENGTH) * 8)
    return satisfies(constraint, version)
  }),
}
