/** Block collections: maps and lists defined by indentation. */

import { failKeyExpected, MappingBuilder } from './mapping.ts'
import type { MutableWide, NodeComposer } from './node-composer.ts'
import * as T from './token.ts'

export function composeBlockSequence(composer: NodeComposer): MutableWide {
  const { scanner } = composer
  const items: MutableWide[] = []
  scanner.skip()
  for (;;) {
    const kind = scanner.peekKind()
    if (kind === T.BLOCK_END) {
      scanner.skip()
      return items
    }
    if (kind !== T.BLOCK_ENTRY) {
      scanner.fail("expected another list item ('- ') or less indentation", scanner.peek().line)
    }
    scanner.skip()
    const next = scanner.peekKind()
    items.push(
      next === T.BLOCK_ENTRY || next === T.BLOCK_END
        ? composer.composeEmpty()
        : composer.composeNode(true, false),
    )
  }
}

/** A list whose dashes are in the same column as the keys around it. It ends where they end. */
export function composeIndentlessSequence(composer: NodeComposer): MutableWide {
  const { scanner } = composer
  const items: MutableWide[] = []
  while (scanner.peekKind() === T.BLOCK_ENTRY) {
    scanner.skip()
    const next = scanner.peekKind()
    const isEmpty = next === T.BLOCK_ENTRY || next === T.KEY || next === T.VALUE || next === T.BLOCK_END
    items.push(isEmpty ? composer.composeEmpty() : composer.composeNode(true, false))
  }
  return items
}

export function composeBlockMapping(composer: NodeComposer): MutableWide {
  const { scanner } = composer
  const mapping = new MappingBuilder(composer)
  scanner.skip()
  for (;;) {
    const kind = scanner.peekKind()
    if (kind === T.BLOCK_END) {
      scanner.skip()
      return mapping.value
    }
    if (kind !== T.KEY) failKeyExpected(composer)
    scanner.skip()
    if (isBlockNode(scanner.peekKind())) mapping.composeKey(true)
    else mapping.emptyKey()
    if (scanner.peekKind() !== T.VALUE) {
      mapping.emptyValue()
      continue
    }
    scanner.skip()
    if (isBlockNode(scanner.peekKind())) mapping.composeValue(true)
    else mapping.emptyValue()
  }
}

function isBlockNode(kind: number): boolean {
  return kind !== T.KEY && kind !== T.VALUE && kind !== T.BLOCK_END
}
