/** A pod that does not use the cluster's DNS may not find the control plane: Istio logs this, Remora adds a note. */
import { own } from '../../json/index.ts'
import { quoteText } from '../../visible-text.ts'
import type { PostContext } from './context.ts'
import type { PodDraft } from './pod-draft.ts'

export function noteDnsPolicy(pod: PodDraft, context: PostContext): undefined {
  const policy = own(pod.spec, 'dnsPolicy')
  if (typeof policy !== 'string' || policy === '' || policy === 'ClusterFirst') return
  const message = `dnsPolicy is ${quoteText(policy)}, not "ClusterFirst": the proxy may be unable to find the control plane`
  context.notes.push({ code: 'dns-policy', message })
}
