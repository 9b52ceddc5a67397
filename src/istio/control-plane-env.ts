/**
 * The environment of a control plane, which Istio's injector reads besides its ConfigMaps (native sidecars, platform,
 * cluster name, the template function `env`). The core interprets the values and adds `values.pilot.env` (1.26 and
 * later), which these override.
 */
import { isObject, type JsonObject } from '../json/index.ts'
import { labelsOf, listAt, nameOf, namespaceOf, objectAt, textAt } from './cluster-objects.ts'

/** `--istiod-env [REV:]K=V`: for one revision (`default` for the one without suffix) or, without a name, for all. */
export interface EnvOption {
  readonly revision: string | undefined
  readonly name: string
  readonly value: string
}

/** The Deployment's environment overridden by the options: those of the revision first, and the last of several. */
export function controlPlaneEnvironment(
  found: { readonly name: string; readonly deploymentEnv: ReadonlyMap<string, string> },
  options: readonly EnvOption[],
): ReadonlyMap<string, string> {
  const env = new Map(found.deploymentEnv)
  for (const option of options) if (option.revision === undefined) env.set(option.name, option.value)
  for (const option of options) if (option.revision === found.name) env.set(option.name, option.value)
  return env
}

/** Literal values of the container `discovery`. Values from fields, Secrets or other ConfigMaps are unknown here. */
export function deploymentEnvironment(
  deployments: readonly JsonObject[],
  revision: string,
  namespace: string,
): ReadonlyMap<string, string> {
  const own = revision === 'default' ? 'istiod' : `istiod-${revision}`
  const candidates = deployments.filter((deployment) => namespaceOf(deployment) === namespace)
  const deployment =
    candidates.find((candidate) => nameOf(candidate) === own) ??
    candidates.find((candidate) => {
      const labels = labelsOf(candidate)
      return labels.get('app') === 'istiod' && (labels.get('istio.io/rev') || 'default') === revision
    })
  return deployment === undefined ? new Map() : discoveryEnvironment(deployment)
}

function discoveryEnvironment(deployment: JsonObject): ReadonlyMap<string, string> {
  const podSpec = objectAt(objectAt(objectAt(deployment, 'spec'), 'template'), 'spec')
  const containers = listAt(podSpec, 'containers').filter(isObject)
  const container = containers.find((candidate) => textAt(candidate, 'name') === 'discovery') ?? containers[0]
  const env = new Map<string, string>()
  for (const item of container === undefined ? [] : listAt(container, 'env')) {
    if (!isObject(item) || Object.hasOwn(item, 'valueFrom')) continue
    const name = textAt(item, 'name')
    if (name !== '') env.set(name, textAt(item, 'value'))
  }
  return env
}
