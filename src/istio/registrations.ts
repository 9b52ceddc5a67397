/**
 * The revisions that active registrations of Remora require, and those of them that are not installed. The API server
 * sends reviews for them, so pods fail or start without a sidecar if the revision is missing.
 */
import type { WebhookConfiguration } from './webhook-configurations.ts'

export interface RegistrationProblem {
  readonly code: 'registration-without-revision'
  readonly message: string
  /** `MutatingWebhookConfiguration remora-sidecar-injector-canary`. */
  readonly where: string
  readonly revision: string
}

export interface Registrations {
  /** By name, installed or not. */
  readonly revisions: ReadonlySet<string>
  readonly problems: readonly RegistrationProblem[]
}

interface Installed {
  readonly revisions: ReadonlyMap<string, unknown>
  readonly tags: ReadonlyMap<string, string>
}

export function findRegistrations(
  webhooks: readonly WebhookConfiguration[],
  { revisions, tags }: Installed,
): Registrations {
  const called = new Set<string>()
  const problems: RegistrationProblem[] = []
  for (const { name, tag, revision: labelled, active, ofRemora } of webhooks) {
    if (!ofRemora || !active) continue
    // If Istio's own objects define the tag too, they take precedence.
    const revision = tag === undefined ? labelled : (tags.get(tag) ?? labelled)
    called.add(revision)
    const defined = tag === undefined || tags.has(tag)
    if (defined && revisions.has(revision)) continue
    const by = tag === undefined ? '' : `, by tag ${tag}`
    const lacks = defined ? `there is no revision ${revision}` : `there is no tag ${tag}`
    problems.push({
      code: 'registration-without-revision',
      message: `${name} sends reviews for revision ${revision}${by}, but ${lacks}; its pods cannot be injected`,
      where: `MutatingWebhookConfiguration ${name}`,
      revision,
    })
  }
  return { revisions: called, problems }
}
