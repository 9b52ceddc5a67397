/** Functions on texts: indent, directory, contains, toLower, valueOrDefault and two that return what they get. */
import { anyType, boolType, type FunctionSpec, intType, stringType } from '../../gotemplate/index.ts'

/** Pads all lines but the first, empty ones too: not sprig's indent. */
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

/** All up to the last slash, the slash included. */
export const directory: FunctionSpec = {
  params: [stringType],
  returns: stringType,
  call: ([path]) => String(path).slice(0, String(path).lastIndexOf('/') + 1),
}

/** The needle comes first: not sprig's contains. */
export const contains: FunctionSpec = {
  params: [stringType, stringType],
  returns: boolType,
  call: ([needle, haystack]) => String(haystack).includes(String(needle)),
}

/** Letter by letter, as Go: JavaScript looks at neighbours (final sigma) and may answer with two letters. */
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

/** Replaces only nil and the empty text: not sprig's default. */
export const valueOrDefault: FunctionSpec = {
  params: [anyType, anyType],
  returns: anyType,
  call: ([value, fallback]) => (value === '' || value === null || value === undefined ? fallback : value),
}

/** kubevirtInterfaces and excludeInterfaces do nothing in any version known. */
export const sameText: FunctionSpec = {
  params: [stringType],
  returns: stringType,
  call: ([value]) => value,
}
