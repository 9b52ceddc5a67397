/** Whether the Istio version of each revision is certain, and whether this build knows it. */

import type { Revision, RevisionInputs } from '../../../inject/index.ts'
import { parseIstioVersion } from '../../../istio/index.ts'
import { type Finding, makeFinding } from '../finding.ts'
import type { Rule } from '../rule.ts'
import { placeOfKey, usableConfig } from './texts.ts'

export const versionsRule: Rule<'configuration'> = {
  subject: 'configuration',
  codes: ['istio-version-newer', 'istio-version-guessed', 'istio-version-disagrees'],
  needs: [],
  find({ revision }) {
    const config = usableConfig(revision)
    if (config === undefined) return []
    return [
      ...newer(revision, config.inputs),
      ...guessed(revision, config.inputs),
      ...disagreeing(revision, config.inputs, config.values.facts.tag),
    ]
  },
}

function newer({ versionWarnings = [] }: Revision, inputs: RevisionInputs): readonly Finding[] {
  return versionWarnings.map((message) =>
    makeFinding('istio-version-newer', {
      revision: inputs.name,
      where: placeOfKey(inputs, 'config'),
      message,
      expected: 'a release that this build knows',
    }),
  )
}

function guessed({ versionEvidence, versionReason = '' }: Revision, inputs: RevisionInputs) {
  if (versionEvidence !== 'fingerprint' && versionEvidence !== 'assumed') return []
  return [
    makeFinding('istio-version-guessed', {
      revision: inputs.name,
      where: placeOfKey(inputs, 'config'),
      message: `it is treated as Istio ${inputs.version.text}: ${versionReason}`,
      expected: 'a label app.kubernetes.io/version, or a release number in global.tag of the values',
    }),
  ]
}

function disagreeing({ versionEvidence }: Revision, inputs: RevisionInputs, tag: string): readonly Finding[] {
  const { version } = inputs
  const tagged = parseIstioVersion(tag)
  const byLabel = versionEvidence === 'label' || versionEvidence === 'chart-label'
  if (!byLabel || tagged === undefined) return []
  // A version newer than known is treated as the newest; its text is the detected one.
  const detected = parseIstioVersion(version.text) ?? version
  if (tagged.major === detected.major && tagged.minor === detected.minor) return []
  return [
    makeFinding('istio-version-disagrees', {
      revision: inputs.name,
      where: { ...placeOfKey(inputs, 'values'), path: 'global.tag' },
      message: `the ConfigMap is labelled as Istio ${version.text}, but its proxies are ${tag}`,
      expected: 'one minor release',
    }),
  ]
}
