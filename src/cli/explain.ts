/** `remora explain`: from the command line to the answer and its exit code. */
import { EXPLAIN_OPTIONS, type ExplainOptions } from '../config/index.ts'
import { type Code, codes, describeCode } from '../inject/index.ts'
import { SUBJECT_KINDS } from '../kube/index.ts'
import { type CommandIo, defineCommand } from './command.ts'
import { checkDryRun, withVerdicts } from './dry-run.ts'
import { EXIT, type ExitCode } from './exit-codes.ts'
import { explanationJson } from './explain-json.ts'
import { explainNamespace, namespaceIsOk, namespaceJson, namespaceText } from './explain-namespace.ts'
import {
  type ExplainedCluster,
  type ExplainedPod,
  explainOne,
  problemsOf,
  workloadOf,
} from './explain-pod.ts'
import { listPodsOfCluster, readPodOfCluster, readSubject, type Subject } from './explain-subject.ts'
import { explanationGroups } from './explain-text.ts'
import { warnOn, withCluster } from './open-cluster.ts'
import { choosePaint, type Paint } from './paint.ts'
import { type PodSubject, readPodsOfFile } from './pod-subject.ts'
import { readFacts } from './read-facts.ts'
import { jsonData, paragraphs, type Text } from './text.ts'

export const explainCommand = defineCommand({
  name: 'explain',
  summary: 'explain why a pod has a sidecar or not, which webhook is called, and what would change that',
  forms: [
    'pod/NAME|deployment/NAME|... -n NAMESPACE',
    'pods|deployments|... [-n NAMESPACE|-A] [-l SELECTOR]',
    'namespace/NAME',
    '-f pod.yaml|review.json',
    'CODE',
  ],
  options: EXPLAIN_OPTIONS,
  words: [
    { values: [...SUBJECT_KINDS, ...Object.keys(codes)], names: 'workloads' },
    { values: [], names: 'workloads' },
    { values: [] },
  ],
  exitCodes: {
    success: 'no problem was found, or a code was explained',
    negative: 'at least one problem was found',
  },
  async run({ options, words, io }) {
    const subject = readSubject(words, options)
    const paint = choosePaint(io)
    if (subject.kind === 'code') return explainCode(subject.code, { options, io, paint })
    checkDryRun(options)
    return withCluster(options, { onProblem: warnOn(io) }, async (opened) => {
      const file = subject.kind === 'file' ? await readPodsOfFile(options, io) : undefined
      const snapshot = file?.withNamespaces(opened.snapshot) ?? opened.snapshot
      const facts = await readFacts({ ...opened, snapshot, problems: [], namespace: namespaceOf(subject) })
      const cluster = { facts, objects: opened.objects }
      return answer(subject, { cluster, pods: file?.pods ?? [], options, io, paint })
    })
  },
})

/** undefined: in any. */
function namespaceOf(subject: OfCluster): string | undefined {
  switch (subject.kind) {
    case 'namespace':
      return subject.name
    case 'object':
    case 'objects':
      return subject.namespace
    case 'file':
      return undefined
  }
}

type OfCluster = Exclude<Subject, { readonly kind: 'code' }>

function explainCode(code: Code, { options, io, paint }: Omit<Work, 'cluster' | 'pods'>): ExitCode {
  const json = options.output === 'json'
  io.out(json ? jsonData({ code, ...describeCode(code) }, 2) : codeText(code, paint))
  return EXIT.success
}

interface Work {
  readonly cluster: ExplainedCluster
  /** Of the file that is asked about. */
  readonly pods: readonly PodSubject[]
  readonly options: ExplainOptions
  readonly io: CommandIo
  readonly paint: Paint
}

async function answer(subject: OfCluster, work: Work): Promise<ExitCode> {
  const { pods, options, io, paint } = work
  const { facts, objects } = work.cluster
  const json = options.output === 'json'
  if (subject.kind === 'namespace') {
    const asked = facts.workloads().filter(({ namespace: home }) => home === subject.name)
    const judged = await withVerdicts(facts, asked, work)
    const namespace = await explainNamespace(subject.name, { facts: judged, objects })
    const ok = namespaceIsOk(namespace)
    io.out(json ? jsonData(namespaceJson(namespace), 2) : namespaceText(namespace, paint))
    return ok ? EXIT.success : EXIT.negative
  }
  const source = { objects, namespaces: facts.snapshot.namespaces }
  const subjects =
    subject.kind === 'file'
      ? pods
      : subject.kind === 'objects'
        ? await listPodsOfCluster(subject, source)
        : [await readPodOfCluster(subject, source)]
  const judged = await withVerdicts(
    facts,
    subjects.map((one) => workloadOf(one, facts)),
    work,
  )
  const cluster = { facts: judged, objects }
  const explained: ExplainedPod[] = []
  for (const one of subjects) explained.push(explainOne(one, cluster, options.fields === true))
  const [first] = explained
  if (json)
    io.out(
      jsonData(
        explained.length === 1 && first !== undefined
          ? explanationJson(first)
          : explained.map(explanationJson),
        2,
      ),
    )
  else
    io.out(
      paragraphs(explained.flatMap((one) => explanationGroups(one, { paint, all: options.all === true }))),
    )
  return explained.every((one) => problemsOf(one).length === 0) ? EXIT.success : EXIT.negative
}

/** The code's page, from the table that docs/codes.md is written from. */
function codeText(code: Code, paint: Paint): Text {
  const entry = describeCode(code) ?? codes[code]
  const { kind, httpStatus, statusCode, statusReason, retryAfterSeconds, sentence, fix } = entry
  const answer =
    httpStatus === undefined
      ? []
      : [
          `HTTP ${httpStatus}, status ${statusCode} ${statusReason}${
            retryAfterSeconds === undefined ? '' : `, Retry-After: ${retryAfterSeconds}`
          }`,
        ]
  return paragraphs([
    [paint.bold(code), `Kind: ${kind}`, ...answer],
    [sentence],
    fix === undefined ? [] : [`Fix: ${fix}`],
  ])
}
