/** Flow collections: `{a: 1}` and `[a, b]`, including pairs inside a list (`[a: 1]`). */

import { MappingBuilder } from './mapping.ts'
import type { MutableWide, NodeComposer } from './node-composer.ts'
import * as T from './token.ts'

export function composeFlowSequence(composer: NodeComposer): MutableWide {
  const { scanner } = composer
  const items: MutableWide[] = []
  scanner.skip()
  for (let first = true; ; first = false) {
    if (!first && scanner.peekKind() !== T.FLOW_SEQUENCE_END) {
      if (scanner.peekKind() !== T.FLOW_ENTRY) scanner.fail("expected ',' or ']'", scanner.peek().line)
      scanner.skip()
    }
    const kind = scanner.peekKind()
    if (kind === T.FLOW_SEQUENCE_END) {
      scanner.skip()
      return items
    }
    items.push(kind === T.KEY ? composeSinglePair(composer) : composer.composeNode(false, false))
  }
}

/** A map of one pair without braces, as a list item. */
function composeSinglePair(composer: NodeComposer): MutableWide {
  const { scanner } = composer
  const mapping = new MappingBuilder(composer)
  composer.budget.steps++
  scanner.skip()
  const kind = scanner.peekKind()
  if (kind === T.VALUE || kind === T.FLOW_ENTRY || kind === T.FLOW_SEQUENCE_END) {
    mapping.emptyKey()
    // go-yaml v2 consumes one token too many here, so `[? : x]` and `[?, x]` are errors.
    scanner.skip()
  } else {
    mapping.composeKey(false)
  }
  composeFlowValue(composer, mapping, T.FLOW_SEQUENCE_END)
  return mapping.value
}

export function composeFlowMapping(composer: NodeComposer): MutableWide {
  const { scanner } = composer
  const mapping = new MappingBuilder(composer)
  scanner.skip()
  for (let first = true; ; first = false) {
    if (!first && scanner.peekKind() !== T.FLOW_MAPPING_END) {
      if (scanner.peekKind() !== T.FLOW_ENTRY) scanner.fail("expected ',' or '}'", scanner.peek().line)
      scanner.skip()
    }
    const kind = scanner.peekKind()
    if (kind === T.FLOW_MAPPING_END) {
      scanner.skip()
      return mapping.value
    }
    if (kind !== T.KEY) {
      mapping.composeKey(false)
      mapping.emptyValue()
      continue
    }
    scanner.skip()
    const next = scanner.peekKind()
    if (next === T.VALUE || next === T.FLOW_ENTRY || next === T.FLOW_MAPPING_END) mapping.emptyKey()
    else mapping.composeKey(false)
    composeFlowValue(composer, mapping, T.FLOW_MAPPING_END)
  }
}

function composeFlowValue(composer: NodeComposer, mapping: MappingBuilder, end: number): void {
  const { scanner } = composer
  if (scanner.peekKind() === T.VALUE) {
    scanner.skip()
    const kind = scanner.peekKind()
    if (kind !== T.FLOW_ENTRY && kind !== end) {
      mapping.composeValue(false)
      return
    }
  }
  mapping.emptyValue()
}
