/**
 * From the texts of a revision's ConfigMaps to its compiled configuration. Whatever does not depend on a request
 * happens here, once.
 */
import { RemoraError } from '../errors.ts'
import {
  type CompiledTemplate,
  compileTemplate,
  type FunctionTable,
  showSource,
  sprigFunctions,
  TemplateParseError,
} from '../gotemplate/index.ts'
import {
  type Gates,
  gatesFor,
  type InjectorConfig,
  parseInjectorConfig,
  parseInjectorValues,
  parseMeshConfig,
  type Values,
} from '../istio/index.ts'
import type { JsonObject } from '../json/index.ts'
import { compileSelector, KubeError, type LabelPredicate } from '../kube/index.ts'
import { templateModel } from './data/template-data.ts'
import { istioFunctions } from './functions/index.ts'
import { nativeSidecarMode } from './native-sidecar.ts'
import type { RevisionConfig, RevisionInputs } from './revision-config.ts'

/** A configuration that does not serve; the message names ConfigMap, key, template and line where they are known. */
export class RevisionConfigError extends RemoraError {}

/** @throws RevisionConfigError (code `config-invalid`, its `cause` is the error that was found) */
export function compileRevision(inputs: RevisionInputs): RevisionConfig {
  try {
    return compile(inputs)
  } catch (error) {
    if (error instanceof RevisionConfigError || !(error instanceof RemoraError)) throw error
    const { source, line, column, path } = error
    throw new RevisionConfigError('config-invalid', error.message, {
      cause: error,
      ...(source !== undefined && { source }),
      ...(line !== undefined && { line }),
      ...(column !== undefined && { column }),
      ...(path !== undefined && { path }),
    })
  }
}

function compile(inputs: RevisionInputs): RevisionConfig {
  const { name, namespace, version } = inputs
  const gates = gatesFor(version)
  const configSource = sourceOf(namespace, inputs.injectorConfigMap.name, 'config')
  const valuesSource = sourceOf(namespace, inputs.injectorConfigMap.name, 'values')
  const injector = parseInjectorConfig(required(inputs.injectorConfigMap.config, configSource), {
    source: configSource,
  })
  const values = parseInjectorValues(required(inputs.injectorConfigMap.values, valuesSource), {
    version,
    source: valuesSource,
  })
  if (values.map === null && gates.nullValuesRefused) throw invalid(valuesSource, 'it is empty or null')
  const mesh = parseMeshConfig(inputs.meshConfigMap.mesh ?? '', {
    version,
    source: sourceOf(namespace, inputs.meshConfigMap.name, 'mesh'),
  })
  const environment = settleEnvironment(inputs.environment, values, gates)
  const model = templateModel(version, gates)
  const functions = { ...sprigFunctions, ...istioFunctions({ ...model, environment }) }
  const warnings: string[] = []
  if (injector.policy !== 'enabled' && injector.policy !== 'disabled') {
    warnings.push(
      `${configSource}: policy ${JSON.stringify(injector.policy)} is neither "enabled" nor "disabled", so no pod is injected`,
    )
  }
  const templates = compileTemplates(injector, functions, configSource)
  for (const [template, { impure }] of templates) {
    if (impure)
      warnings.push(
        `${configSource}, template ${template}: it reads the clock or chance, so a pod injected again gets another patch`,
      )
  }
  return {
    inputs,
    name,
    namespace,
    version,
    gates,
    environment,
    clusterName: environment.get('CLUSTER_ID') || values.facts.clusterName || 'Kubernetes',
    nativeSidecars: nativeSidecarMode(environment, gates),
    openShift: environment.get('PLATFORM') === 'openshift',
    compliancePolicy: environment.get('COMPLIANCE_POLICY') ?? '',
    injector,
    model,
    templates,
    valuesChange: [...templates.values()].some((template) => template.mutates),
    neverInject: compileSelectors(
      injector.neverInjectSelector,
      `${configSource}, neverInjectSelector`,
      warnings,
    ),
    alwaysInject: compileSelectors(
      injector.alwaysInjectSelector,
      `${configSource}, alwaysInjectSelector`,
      warnings,
    ),
    values,
    mesh,
    warnings,
  }
}

function sourceOf(namespace: string, configMap: string, key: string): string {
  return `ConfigMap ${namespace}/${configMap}, key ${key}`
}

function invalid(source: string, problem: string): RevisionConfigError {
  return new RevisionConfigError('config-invalid', `${source}: ${problem}`, { source })
}

function required(text: string | undefined, source: string): string {
  if (text === undefined) throw invalid(source, 'the key is missing')
  return text
}

/** Istio 1.26+: what the chart set stands in `values.pilot.env`; what is known better wins. */
function settleEnvironment(
  given: ReadonlyMap<string, string>,
  values: Values,
  gates: Gates,
): ReadonlyMap<string, string> {
  return gates.valuesCarryPilotEnv ? new Map([...values.facts.pilotEnv, ...given]) : given
}

function compileTemplates(
  injector: InjectorConfig,
  functions: FunctionTable,
  source: string,
): ReadonlyMap<string, CompiledTemplate> {
  const compiled = new Map<string, CompiledTemplate>()
  for (const [name, text] of injector.templates) {
    try {
      compiled.set(name, compileTemplate({ name, text }, { functions }))
    } catch (error) {
      if (!(error instanceof TemplateParseError)) throw error
      const { line = 1, column = 1, place } = error
      const shown = showSource(place.text, place.offset)
      throw new RevisionConfigError(
        'config-invalid',
        `${source}, template ${name}, line ${line}: ${error.message}\n${shown}`,
        { source: `${source}, template ${name}`, line, column, cause: error },
      )
    }
  }
  return compiled
}

/** Istio logs a selector that it cannot read and goes on; an empty one matches nothing there. */
function compileSelectors(
  selectors: readonly JsonObject[],
  source: string,
  warnings: string[],
): readonly LabelPredicate[] {
  return selectors.flatMap((selector, index) => {
    // The injector configuration's reader gives exactly these two, of these types.
    const { matchLabels, matchExpressions } = selector as {
      readonly matchLabels: { readonly [key: string]: string }
      readonly matchExpressions: readonly {
        readonly key: string
        readonly operator: string
        readonly values: readonly string[]
      }[]
    }
    if (Object.keys(matchLabels).length === 0 && matchExpressions.length === 0) return []
    try {
      return [compileSelector({ matchLabels, matchExpressions })]
    } catch (error) {
      if (!(error instanceof KubeError)) throw error
      warnings.push(`${source}[${index}]: ${error.message}; it is passed over`)
      return []
    }
  })
}
