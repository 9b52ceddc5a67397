/**
 * Explains a syntax error in a line that looks valid: the line contains invisible characters, or is part of an unrendered
 * template. It runs only after an error.
 */
import { describeInvisible, invisibleCharacters, shortText } from '../../visible-text.ts'
import { JsonError } from '../error.ts'

/** An action of Go's templates: `{{ .Values.name }}`, `{{- if`, `{{ include`. Flow maps begin otherwise. */
const ACTION =
  /\{\{-?\s*(?:[.$(]|\/\*|(?:if|else|end|range|with|define|template|block|include|toYaml|tpl|printf|quote|default|required)\b)/

/** The error with the cause at the end of its message. */
export function withCause(error: JsonError, text: string): JsonError {
  const { code, source, line, path } = error
  if (line === undefined) return error
  const lines = text.split(/\r\n|\n|\r/)
  const cause = invisibleIn(lines[line - 1] ?? '') ?? templateNear(lines, line)
  if (cause === undefined) return error
  return new JsonError(code, `${error.message}; ${cause}`, {
    ...(source === undefined ? {} : { source }),
    ...(path === undefined ? {} : { path }),
    line,
    ...(error.column === undefined ? {} : { column: error.column }),
    cause: error.cause ?? error,
  })
}

function invisibleIn(line: string): string | undefined {
  const found = invisibleCharacters(line)
  return found.length === 0 ? undefined : `the line has ${found.map(describeInvisible).join(', ')}`
}

/** An action alone on its line makes the lines after it invalid. */
function templateNear(lines: readonly string[], line: number): string | undefined {
  for (const at of [line, line - 1, line + 1]) {
    const action = ACTION.test(lines[at - 1] ?? '')
    if (action)
      return `line ${at} (${shortText((lines[at - 1] ?? '').trim())}) is part of an unrendered template, for example of a Helm chart; render it first`
  }
  return undefined
}
