/** Look-ups in the texts and configurations of revisions that several rules share. */

import type { Revision, RevisionConfig, RevisionInputs, Snapshot } from '../../../inject/index.ts'
import { JsonError, type JsonValue, parseYaml } from '../../../json/index.ts'
import type { FindingPlace } from '../finding.ts'

/** The configuration that serves, if it is the newest: only then a trial shows how pods come out. */
export function usableConfig({ config, problem }: Revision): RevisionConfig | undefined {
  return problem === undefined ? config : undefined
}

export function usableConfigs({ revisions }: Snapshot): readonly RevisionConfig[] {
  return [...revisions.values()].flatMap((revision) => usableConfig(revision) ?? [])
}

export function placeOfKey(inputs: RevisionInputs, key: 'config' | 'values' | 'mesh'): FindingPlace {
  const { name } = key === 'mesh' ? inputs.meshConfigMap : inputs.injectorConfigMap
  return { object: `ConfigMap ${inputs.namespace}/${name}`, key }
}

/** A text that is read for its names only; null if it cannot be parsed, which compiling it reports. */
export function readYaml(text: string): JsonValue {
  try {
    return parseYaml(text)
  } catch (error) {
    if (error instanceof JsonError) return null
    throw error
  }
}
