/** Why an injected container has no usable image: which line of a template wrote it, from which value, and the fix. */
import { describeExpression, missingKeys, type SourceFacts, sourcesOf } from '../../inject/index.ts'
import { nearestName } from '../../nearest-name.ts'
import type { Injection } from '../explain/input-variants.ts'
import { findWrittenFields, type WrittenField } from '../explain/template-lines.ts'
import type { InjectedContainer, TrialProblem } from './trial-pod.ts'

/** The problems, each with its origin if that is known. It takes an injection if there is such a problem. */
export function withOrigins(
  problems: readonly TrialProblem[],
  injection: Injection,
): readonly TrialProblem[] {
  if (problems.every(({ container }) => container === undefined)) return problems
  const fields = findWrittenFields(injection)
  const facts = { pod: injection.request.object, values: injection.config.values.map }
  return problems.map((problem) =>
    problem.container === undefined ? problem : withOrigin(problem, problem.container, fields, facts),
  )
}

function withOrigin(
  problem: TrialProblem,
  container: InjectedContainer,
  fields: ReadonlyMap<string, WrittenField>,
  facts: SourceFacts,
): TrialProblem {
  const { name, list, isOwn } = container
  const image = fields.get(`spec.${list}[${name}].image`)
  if (image !== undefined) return fromTemplate(problem, image, facts)
  const names = containersAmong(fields)
  const meant = nearestName(
    name,
    names.filter((known) => known !== name),
  )
  const wanted = meant ?? `one of ${names.join(', ')}`
  const written = fields.get(`spec.${list}[${name}].name`)
  if (written === undefined) {
    if (!isOwn) return problem
    return {
      ...problem,
      message: `${problem.message}: no template has a container of that name`,
      expected: wanted,
      fix: `Rename the container to ${wanted}, or give it an image.`,
    }
  }
  const place = placeOf(written)
  return {
    ...problem,
    message: `${problem.message}: line ${written.line} of template ${written.template} names the container, and neither a template nor the pod gives it an image`,
    expected: meant === undefined ? problem.expected : `${meant}, or an image`,
    fix: `Correct the name of the container in the template${meant === undefined ? '' : ` (probably ${meant})`}, or give it an image there.`,
    place,
  }
}

function fromTemplate(problem: TrialProblem, field: WrittenField, facts: SourceFacts): TrialProblem {
  const { line, template, output, outputLine } = field
  const expressions = output.expressionsOfLine(outputLine)
  const place = placeOf(field)
  const from = `line ${line} of template ${template}`
  if (expressions.length === 0) {
    const fix = 'Correct the image in the template.'
    return { ...problem, message: `${problem.message}, written by ${from}`, fix, place }
  }
  const message = `${problem.message}, written by ${from}: ${expressions.map(describeExpression).join(' ')}`
  const missing = distinct(expressions.flatMap((one) => missingKeys(one, facts)))
  if (missing.length > 0) {
    const keys = missing.map((key) => `.Values.${key}`).join(' and ')
    return {
      ...problem,
      message: `${message}; the values have no ${keys}`,
      fix: `Set ${missing.map((key) => `\`${key}\``).join(' and ')} in the values of the revision, or correct the template.`,
      place,
    }
  }
  const sources = distinct(
    expressions.flatMap((one) =>
      sourcesOf(one, output.text, facts).map(({ kind, name }) => `${kind} ${name}`),
    ),
  )
  // Without sources Istio computed the image from hub, tag and name, as the fix of the code says.
  if (sources.length === 0) return { ...problem, message, place }
  return { ...problem, message, fix: `Correct ${sources.join(' or ')}.`, place }
}

function placeOf({ template, line }: WrittenField): NonNullable<TrialProblem['place']> {
  return { template, line }
}

function containersAmong(fields: ReadonlyMap<string, WrittenField>): readonly string[] {
  return distinct(
    [...fields.keys()].flatMap((path) => {
      const found = /^spec\.(?:initContainers|containers)\[([^\]]+)\]\.image$/.exec(path)
      return found?.[1] === undefined ? [] : [found[1]]
    }),
  )
}

function distinct(texts: readonly string[]): readonly string[] {
  return [...new Set(texts)]
}
