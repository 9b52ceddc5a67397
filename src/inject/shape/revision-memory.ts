/**
 * Owns: what a configuration's pods have taught so far. It belongs to exactly one configuration object: a copy with
 * other values begins with nothing, and what nobody holds any more takes its memory along.
 */
import { EffectiveProxyConfigs } from '../../istio/index.ts'
import type { RevisionConfig } from '../revision-config.ts'
import { Examples } from './examples.ts'
import { type RememberedTemplate, rememberTemplate } from './remembered-template.ts'

/** Of templates that pods of a configuration had; begins anew with each configuration. */
export interface TemplateCounts {
  /** What they give was known. */
  readonly remembered: number
  /** They were executed as a whole, and their output was read. */
  readonly executed: number
}

export class RevisionMemory {
  readonly counts = { remembered: 0, executed: 0 }
  readonly examples = new Examples()
  readonly proxyConfigs: EffectiveProxyConfigs
  readonly #config: RevisionConfig
  readonly #templates = new Map<string, RememberedTemplate | undefined>()

  constructor(config: RevisionConfig) {
    this.#config = config
    this.proxyConfigs = new EffectiveProxyConfigs(config.mesh, config)
  }

  /** Undefined where there is none of that name, or it has to be executed each time. */
  template(name: string): RememberedTemplate | undefined {
    if (!this.#templates.has(name)) {
      const template = this.#config.templates.get(name)
      if (template === undefined) return undefined
      this.#templates.set(name, rememberTemplate(template))
    }
    return this.#templates.get(name)
  }
}

const memories = new WeakMap<RevisionConfig, RevisionMemory>()

export function memoryOf(config: RevisionConfig): RevisionMemory {
  let memory = memories.get(config)
  if (memory === undefined) {
    memory = new RevisionMemory(config)
    memories.set(config, memory)
  }
  return memory
}

/** Zeros where no pod has come yet. */
export function templateCounts(config: RevisionConfig): TemplateCounts {
  return memories.get(config)?.counts ?? NONE
}

const NONE: TemplateCounts = { remembered: 0, executed: 0 }
