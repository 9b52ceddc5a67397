/** The inputs of a discovered revision: the texts of its ConfigMaps, its Istio version and its environment. */
import type { Problem, Revision, RevisionInputs } from '../inject/index.ts'
import { controlPlaneEnvironment, type DiscoveredRevision, detectVersion } from '../istio/index.ts'
import type { SnapshotOptions } from './snapshot-options.ts'

export interface GatheredInputs {
  readonly inputs: RevisionInputs
  readonly detected: Required<Pick<Revision, 'versionReason' | 'versionEvidence' | 'versionWarnings'>>
}

/** @throws IstioVersionError */
export function gatherInputs(found: DiscoveredRevision, options: SnapshotOptions): GatheredInputs {
  const detection = detectVersion(found, statedVersion(found.name, options))
  return {
    inputs: {
      name: found.name,
      namespace: found.namespace,
      version: detection.version,
      configMapUid: found.injector.uid,
      injectorConfigMap: {
        name: found.injector.name,
        config: found.injector.data.get('config'),
        values: found.injector.data.get('values'),
        ...(found.injector.data.has('config') ? {} : { keys: [...found.injector.data.keys()].sort() }),
      },
      meshConfigMap: {
        name: found.mesh?.name ?? meshName(found),
        mesh: found.mesh?.data.get('mesh'),
      },
      environment: controlPlaneEnvironment(found, options.istiodEnv),
    },
    detected: {
      versionReason: detection.reason,
      versionEvidence: detection.evidence,
      versionWarnings: detection.warnings,
    },
  }
}

/** The option for this revision, else the one for all; the last one given counts. */
function statedVersion(name: string, options: SnapshotOptions): string | undefined {
  const own = options.istioVersions.findLast(({ revision }) => revision === name)
  return (own ?? options.istioVersions.findLast(({ revision }) => revision === undefined))?.version
}

function meshName({ name }: DiscoveredRevision): string {
  return name === 'default' ? 'istio' : `istio-${name}`
}

/** Istio's defaults apply then; they name the istiod of the default revision, which is seldom intended. */
export function missingMesh(found: DiscoveredRevision): readonly Problem[] {
  if (found.mesh !== undefined) return []
  const { name, namespace } = found
  const place = `ConfigMap ${namespace}/${meshName(found)}`
  return [
    {
      code: 'mesh-config-missing',
      message: `revision ${name}: there is no ${place} with the key mesh, so Istio's defaults are used`,
      where: place,
      revision: name,
    },
  ]
}
