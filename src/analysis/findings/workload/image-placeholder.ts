/**
 * The image `auto`, which only injection replaces: an error in a workload that is not injected, with the reason, and in a
 * running pod that was not.
 */
import { describeCode } from '../../../inject/index.ts'
import type { JsonObject } from '../../../json/index.ts'
import { containersOf, textAt } from '../../../kube/index.ts'
import { findRestart, howToRestart } from '../../preview/restarts.ts'
import type { ClusterFacts, Trial } from '../cluster-facts.ts'
import { capitalised } from '../few.ts'
import { makeFinding } from '../finding.ts'
import type { Rule } from '../rule.ts'
import type { WorkloadSubject } from '../subject.ts'

const PLACEHOLDER = 'auto'
const EXPECTED = 'a pod that is injected, or the name of an image'

export const placeholderOfWorkload: Rule<'workload'> = {
  subject: 'workload',
  codes: ['image-placeholder'],
  needs: [],
  find(workload, facts) {
    const names = placeholders(workload.pod)
    const reason = names.length === 0 ? undefined : whyNotInjected(facts.trial(workload))
    if (reason === undefined) return []
    return [
      makeFinding('image-placeholder', {
        where: { object: workload.title },
        message: `container ${names.join(', ')} keeps the placeholder image ${PLACEHOLDER}, because ${reason.sentence}`,
        expected: EXPECTED,
        fix: reason.fix,
      }),
    ]
  },
}

/** If its successor will not be injected either, the finding of the workload reports it. */
export const placeholderOfPod: Rule<'pod'> = {
  subject: 'pod',
  codes: ['image-placeholder'],
  needs: [],
  find({ object, title, workload }, facts) {
    const names = placeholders(object)
    if (names.length === 0 || (workload !== undefined && staysSo(workload, facts))) return []
    return [
      makeFinding('image-placeholder', {
        where: { object: title },
        message: `container ${names.join(', ')} has the placeholder image ${PLACEHOLDER}: the pod was not injected when it was created, and a new one would be`,
        expected: EXPECTED,
        fix: `${capitalised(howToRestart(findRestart(workload?.object ?? object)))}.`,
      }),
    ]
  },
}

function staysSo(workload: WorkloadSubject, facts: ClusterFacts): boolean {
  return placeholders(workload.pod).length > 0 && whyNotInjected(facts.trial(workload)) !== undefined
}

/** Names of the containers. */
export function placeholders(pod: JsonObject): readonly string[] {
  return [...containersOf(pod, 'initContainers'), ...containersOf(pod, 'containers')]
    .filter((container) => textAt(container, 'image') === PLACEHOLDER)
    .map((container) => textAt(container, 'name'))
}

interface Reason {
  readonly sentence: string
  readonly fix: string | undefined
}

/** undefined: it is injected, or refused, which is reported as such. */
function whyNotInjected({ outcome, called }: Trial): Reason | undefined {
  if (outcome.kind === 'skipped') {
    const { sentence = outcome.code, fix } = describeCode(outcome.code) ?? {}
    return { sentence: sentence.charAt(0).toLowerCase() + sentence.slice(1).replace(/\.$/, ''), fix }
  }
  if (outcome.kind !== 'patched' || called !== false) return undefined
  return {
    sentence: 'no webhook of the cluster matches its labels',
    fix: 'Install or activate the webhook configuration of the revision.',
  }
}
