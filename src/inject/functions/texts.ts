/** Functions on texts: indent, directory, contains, toLower, valueOrDefault, and two that return their argument. */
import { anyType, boolType, type FunctionSpec, intType, stringType } from '../../gotemplate/index.ts'

/** Pads all lines except the first, even empty ones: differs from sprig's indent. */
export const indent: FunctionSpec = {
  params: [intType, stringType],
  returns: stringType,
  call: ([spaces, source], { budget }) => {
    const lines = String(source).split('\n')
    const width = Math.abs(Number(spaces))
    budget.charge(lines.length)
    budget.allocate(String(source).length + (lines.length - 1) * width)
    const pad = ' '.repeat(width)
    return lines.join(`\n${pad}`)
  },
}

/** Everything up to and including the last slash. */
export const directory: FunctionSpec = {
  params: [stringType],
  returns: stringType,
  call: ([path]) => String(path).slice(0, String(path).lastIndexOf('/') + 1),
}

/** The needle is the first argument: differs from sprig's contains. */
export const contains: FunctionSpec = {
  params: [stringType, stringType],
  returns: boolType,
  call: ([needle, haystack]) => String(haystack).includes(String(needle)),
}

/**
 * Character by character, like Go: JavaScript looks at neighbours (final sigma) and may return two characters for one.
 */
export const toLower: FunctionSpec = {
  params: [stringType],
  returns: stringType,
  call: ([value], { budget }) => {
    const text = String(value)
    budget.allocate(text.length)
    if (/^[\0-\x7f]*$/.test(text)) return text.toLowerCase()
    return Array.from(text, (letter) => String.fromCodePoint(letter.toLowerCase().codePointAt(0) ?? 0)).join(
      '',
    )
  },
}

/** Replaces only nil and the empty text: differs from sprig's default. */
export const valueOrDefault: FunctionSpec = {
  params: [anyType, anyType],
  returns: anyType,
  call: ([value, fallback]) => (value === '' || value === null || value === undefined ? fallback : value),
}

/** kubevirtInterfaces and excludeInterfaces do nothing in any known version. */
export const sameText: FunctionSpec = {
  params: [stringType],
  returns: stringType,
  call: ([value]) => value,
}
