/** Owns: `remora explain`: from arguments to answer and exit code. 0: as it should be; 1: not; 2: it could not be told. */
import {
  commandHelp,
  EXPLAIN_OPTIONS,
  type ExplainOptions,
  OptionError,
  readOptions,
} from '../config/index.ts'
import { type Code, codes, describeCode } from '../inject/index.ts'
import { openObjects, readCluster } from '../runtime.ts'
import type { Command, CommandIo, ExitCode } from './command.ts'
import { couldNotTell } from './could-not-tell.ts'
import { explanationJson } from './explain-json.ts'
import { explainNamespace, namespaceIsAsItShouldBe, namespaceText } from './explain-namespace.ts'
import { type ExplainedCluster, type ExplainedPod, explainOne } from './explain-pod.ts'
import { readPodOfCluster, readSubject, SUBJECT_KINDS, type Subject } from './explain-subject.ts'
import { explanationGroups } from './explain-text.ts'
import { choosePaint, type Paint } from './paint.ts'
import { readPodsOfFile } from './pod-subject.ts'
import { jsonData, messageText, ownText, paragraphs, type Text } from './text.ts'

const DESCRIPTION = {
  name: 'explain',
  summary: 'say why a pod has a sidecar or none, whom the API server asks, and what would change that',
  forms: [
    'pod NS/NAME --cluster DIR|live',
    'deployment NS/NAME --cluster DIR|live',
    'namespace NS --cluster DIR|live',
    '-f pod.yaml|review.json --cluster DIR|live',
    'CODE',
  ],
  options: EXPLAIN_OPTIONS,
}

export const explainCommand: Command = {
  name: DESCRIPTION.name,
  summary: DESCRIPTION.summary,
  options: DESCRIPTION.options,
  words: [{ values: [...SUBJECT_KINDS, ...Object.keys(codes)] }, { values: [] }],
  help: () => commandHelp(DESCRIPTION),
  async run(args, io) {
    const end = args.findIndex((arg) => arg.startsWith('-'))
    const [words, flags] = end < 0 ? [args, []] : [args.slice(0, end), args.slice(end)]
    const options = readOptions(EXPLAIN_OPTIONS, { args: flags, env: io.env })
    if (options.help === true) {
      io.out(ownText(commandHelp(DESCRIPTION)))
      return 0
    }
    try {
      return await explain(readSubject(words, options), options, io)
    } catch (error) {
      throw couldNotTell(error)
    }
  },
}

type OfCluster = Exclude<Subject, { readonly kind: 'code' }>

async function explain(subject: Subject, options: ExplainOptions, io: CommandIo): Promise<ExitCode> {
  const paint = choosePaint(io)
  if (subject.kind === 'code') {
    io.out(
      options.output === 'json'
        ? jsonData({ code: subject.code, ...describeCode(subject.code) }, 2)
        : codeText(subject.code, paint),
    )
    return 0
  }
  const { cluster } = options
  if (cluster === undefined) {
    throw new OptionError(
      'option-missing',
      `--cluster ${EXPLAIN_OPTIONS.cluster.placeholder} is missing (or REMORA_CLUSTER): ${EXPLAIN_OPTIONS.cluster.help}`,
    )
  }
  const snapshot = await readCluster({ ...options, cluster }, (problem) =>
    io.err(messageText('warning: ', problem.message)),
  )
  const objects = openObjects(cluster)
  try {
    const webhooks = await objects.list('mutatingwebhookconfiguration')
    return await answer(subject, { cluster: { snapshot, objects, webhooks }, options, io, paint })
  } finally {
    objects.close()
  }
}

interface Work {
  readonly cluster: ExplainedCluster
  readonly options: ExplainOptions
  readonly io: CommandIo
  readonly paint: Paint
}

async function answer(subject: OfCluster, { cluster, options, io, paint }: Work): Promise<ExitCode> {
  const json = options.output === 'json'
  if (subject.kind === 'namespace') {
    const namespace = await explainNamespace(subject.name, cluster)
    const asItShouldBe = namespaceIsAsItShouldBe(namespace)
    const { name, labels, problems, pods } = namespace
    io.out(
      json
        ? jsonData(
            {
              namespace: name,
              labels: Object.fromEntries(labels),
              asItShouldBe,
              problems,
              pods: pods.map(explanationJson),
            },
            2,
          )
        : namespaceText(namespace, paint),
    )
    return asItShouldBe ? 0 : 1
  }
  const subjects =
    subject.kind === 'file'
      ? await readPodsOfFile(options, io)
      : [await readPodOfCluster(subject, cluster.objects)]
  const explained: ExplainedPod[] = []
  for (const one of subjects) explained.push(await explainOne(one, cluster, options.fields === true))
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
  else io.out(paragraphs(explained.flatMap((one) => explanationGroups(one, paint))))
  return explained.every(({ problems }) => problems.length === 0) ? 0 : 1
}

/** The code's page, from the table that docs/codes.md is written from. */
function codeText(code: Code, paint: Paint): Text {
  const entry = describeCode(code) ?? codes[code]
  const { kind, httpStatus, statusCode, statusReason, retryAfterSeconds, sentence, mend } = entry
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
    mend === undefined ? [] : [`To mend it: ${mend}`],
  ])
}
