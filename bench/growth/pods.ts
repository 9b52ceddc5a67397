/** Pods of growing size: the typical one with more of one kind of item. */
import { type Mix, openPod } from '../load/mixes.ts'

export const KINDS = ['containers', 'env', 'annotations'] as const
export type Kind = (typeof KINDS)[number]

/** The number of items added to the typical pod. */
export const COUNTS: Readonly<Record<Kind, readonly number[]>> = {
  containers: [0, 4, 8, 16, 24, 32],
  env: [0, 250, 500, 1000, 1500, 2000],
  annotations: [0, 50, 100, 200, 300, 400],
}

interface GrowingReview {
  readonly request: {
    readonly object: {
      readonly metadata: { readonly annotations?: object }
      readonly spec: {
        readonly containers: readonly { readonly name: string; readonly env?: readonly object[] }[]
      }
    }
  }
}

/** Pods of one Deployment, each with that many more items. */
export function growPod(typical: string, kind: Kind, count: number): Mix {
  const review = JSON.parse(typical) as GrowingReview // the benchmark's or the corpus' own
  const { metadata, spec } = review.request.object
  const [first, ...rest] = spec.containers
  if (first === undefined) throw new Error('the review has no container')
  const numbers = Array.from({ length: count }, (_, i) => i)
  const grown = {
    containers: {
      metadata,
      spec: {
        ...spec,
        containers: [first, ...rest, ...numbers.map((i) => ({ ...first, name: `more-${i}` }))],
      },
    },
    env: {
      metadata,
      spec: {
        ...spec,
        containers: [
          {
            ...first,
            env: [...(first.env ?? []), ...numbers.map((i) => ({ name: `KEY_${i}`, value: `value ${i}` }))],
          },
          ...rest,
        ],
      },
    },
    annotations: {
      metadata: {
        ...metadata,
        annotations: {
          ...metadata.annotations,
          ...Object.fromEntries(
            numbers.map((i) => [`example.com/note-${i}`, `what somebody wanted to say, ${i}`]),
          ),
        },
      },
      spec,
    },
  }[kind]
  const object = { ...review.request.object, ...grown }
  const text = openPod(JSON.stringify({ ...review, request: { ...review.request, object } }))
  return { name: `${count} ${kind}`, what: `${count} ${kind} more than the typical pod`, text, workloads: 1 }
}
