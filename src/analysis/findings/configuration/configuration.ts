/**
 * Whether the texts of each revision compile, each reported by itself: a broken mesh does not hide a broken template,
 * nor one template another. Warnings of a configuration that compiles are those of its compiler.
 */
import { RemoraError } from '../../../errors.ts'
import {
  type Code,
  type Revision,
  type RevisionInputs,
  type RevisionWarning,
  templateModel,
} from '../../../inject/index.ts'
import { gatesFor } from '../../../istio/index.ts'
import {
  compileTemplates,
  RevisionConfigError,
  readInjector,
  readMesh,
  readValues,
  settleEnvironment,
  sourceOfText,
  templateFunctions,
} from '../../../revisions/index.ts'
import { finish } from '../../../steps.ts'
import { type Finding, type FindingPlace, makeFinding } from '../finding.ts'
import { configurationCodes, passedOn } from '../passed-on-codes.ts'
import type { Rule } from '../rule.ts'
import { placeOfKey } from './texts.ts'

type Key = 'config' | 'values' | 'mesh'

const EXPECTED: { readonly [key in Key]: string } = {
  config: 'a valid injector configuration',
  values: 'values as rendered by the chart of Istio',
  mesh: 'a mesh configuration that Istio accepts',
}

export const configurationRule: Rule<'configuration'> = {
  subject: 'configuration',
  codes: [
    ...configurationCodes,
    'injector-config-key-missing',
    'policy-unknown',
    'template-impure',
    'selector-invalid',
  ],
  needs: [],
  commandsOnly: true,
  find({ revision }) {
    const { newest, problem, config } = revision
    if (newest === undefined) return []
    return problem === undefined
      ? (config?.warnings ?? []).map((warning) => fromWarning(warning, newest))
      : errorsOf(revision, newest)
  },
}

function errorsOf({ problem }: Revision, inputs: RevisionInputs): readonly Finding[] {
  const { config, keys = [], name } = inputs.injectorConfigMap
  if (config === undefined) return [keyMissing(inputs, name, keys)]
  const findings: Finding[] = []
  const attempt = <T>(key: Key, step: () => T): T | undefined => {
    try {
      return step()
    } catch (error) {
      if (!(error instanceof RemoraError)) throw error
      findings.push(fromError(error, key, inputs))
      return undefined
    }
  }
  const injector = attempt('config', () => readInjector(inputs))
  const values = attempt('values', () => readValues(inputs))
  attempt('mesh', () => readMesh(inputs))
  if (injector !== undefined) {
    const gates = gatesFor(inputs.version)
    const environment =
      values === undefined ? inputs.environment : settleEnvironment(inputs.environment, values, gates)
    const functions = templateFunctions(templateModel(inputs.version, gates), environment)
    const { errors } = finish(compileTemplates(injector, functions, sourceOfText(inputs, 'config')))
    findings.push(...errors.map((error) => fromError(error, 'config', inputs)))
  }
  if (findings.length > 0 || problem === undefined) return findings
  // The parts are valid and the whole is not, so the problem is not in its texts.
  const { code, message } = problem
  return [
    makeFinding(passedOn(code, configurationCodes, 'config-invalid'), {
      revision: inputs.name,
      where: placeOfKey(inputs, 'config'),
      message,
      expected: 'a configuration that compiles',
    }),
  ]
}

function keyMissing(inputs: RevisionInputs, name: string, keys: readonly string[]): Finding {
  return makeFinding('injector-config-key-missing', {
    revision: inputs.name,
    where: placeOfKey(inputs, 'config'),
    message: `ConfigMap ${name} has no key config (keys: ${keys.join(', ') || 'none'})`,
    expected: 'the injector configuration in the key config',
  })
}

function fromError(error: RemoraError, key: Key, inputs: RevisionInputs): Finding {
  const template = /, template (.*)$/.exec(error.source ?? '')?.[1]
  const expected = template === undefined ? EXPECTED[key] : "a template that Go's text/template parses"
  return makeFinding(codeOf(error), {
    revision: inputs.name,
    where: placeOf(error, template, placeOfKey(inputs, key)),
    message: withoutPlace(error.message, sourceOfText(inputs, key)),
    expected,
    ...(template === undefined ? {} : { fix: 'Correct the line that is shown.' }),
  })
}

function placeOf({ path, line }: RemoraError, template: string | undefined, key: FindingPlace): FindingPlace {
  return {
    ...key,
    ...(template === undefined ? {} : { template }),
    ...(path === undefined || path === '' ? {} : { path }),
    ...(line === undefined ? {} : { line }),
  }
}

/** For a configuration error the code of its cause, which is more specific than `config-invalid`. */
function codeOf(error: RemoraError): Code {
  const specific =
    error instanceof RevisionConfigError && error.cause instanceof RemoraError ? error.cause : error
  return passedOn(specific.code, configurationCodes, 'config-invalid')
}

/** The place is reported next to the message. */
function withoutPlace(message: string, source: string): string {
  return message.startsWith(source) ? message.slice(message.indexOf(': ', source.length) + 2) : message
}

function fromWarning({ code, template, path, problem }: RevisionWarning, inputs: RevisionInputs): Finding {
  const expected = {
    'policy-unknown': 'enabled or disabled',
    'template-impure': 'a template with the same output for the same pod',
    'selector-invalid': 'valid label selectors',
  }
  return makeFinding(code, {
    revision: inputs.name,
    where: {
      ...placeOfKey(inputs, 'config'),
      ...(template === undefined ? {} : { template }),
      ...(path === undefined ? {} : { path }),
    },
    message: problem,
    expected: expected[code],
  })
}
