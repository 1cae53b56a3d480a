import type { YamlNode } from '../../yaml/node.ts'
import { parseDuration } from '../../shared/chronic-duration.ts'
import { configError, entryError, type Report } from '../report.ts'
import * as texts from '../texts.ts'
import { isBoolean, isInteger, isNumber, isString, isWhole, strings } from './nodes.ts'

/** A string attribute of a hash: `name` in `artifacts name should be a string`. */
export function readText(node: YamlNode | undefined, attribute: string, report: Report): string | undefined {
  if (node === undefined) return undefined
  if (isString(node)) return node.value
  return entryError(report, node.span, attribute, texts.notAString)
}

export function readFlag(node: YamlNode | undefined, attribute: string, report: Report): boolean | undefined {
  if (node === undefined) return undefined
  if (isBoolean(node)) return node.value
  return entryError(report, node.span, attribute, texts.notABoolean)
}

export function readStrings(
  node: YamlNode | undefined,
  attribute: string,
  report: Report,
): readonly string[] | undefined {
  if (node === undefined) return undefined
  return strings(node) ?? entryError(report, node.span, attribute, texts.notStrings)
}

/** One of a closed set of words. */
export function readWord<const Word extends string>(
  node: YamlNode | undefined,
  attribute: string,
  words: readonly Word[],
  report: Report,
): Word | undefined {
  if (node === undefined) return undefined
  const found = isString(node) ? words.find((word) => word === node.value) : undefined
  return found ?? entryError(report, node.span, attribute, texts.oneOf(words))
}

/** Seconds. GitLab: the value must be a YAML string (`'1'`, not `1`), and a positive duration. */
export function secondsOf(node: YamlNode): number | undefined {
  return isString(node) ? (parseDuration(node.value) ?? undefined) : undefined
}

export const WEEK = 7 * 24 * 3600

/** `start_in`: a duration of at most one week. */
export function readDelay(node: YamlNode, report: Report): number | undefined {
  const seconds = secondsOf(node)
  if (seconds === undefined) return entryError(report, node.span, 'start_in', texts.notADuration)
  if (seconds > WEEK) return entryError(report, node.span, 'start_in', texts.overTheLimit)
  return seconds
}

/** Rails' `numericality: { only_integer: true }` with bounds. */
export function readCount(
  node: YamlNode,
  attribute: string,
  bounds: { least: number; most: number },
  report: Report,
): number | undefined {
  if (!isNumber(node)) return entryError(report, node.span, attribute, texts.notANumber)
  if (!isWhole(node)) return entryError(report, node.span, attribute, texts.notAnInteger)
  if (node.value < bounds.least) return entryError(report, node.span, attribute, texts.atLeast(bounds.least))
  if (node.value > bounds.most) return entryError(report, node.span, attribute, texts.atMost(bounds.most))
  return node.value
}

/** An integer or a list of them, as `exit_codes`. */
export function readIntegers(
  node: YamlNode,
  attribute: string,
  report: Report,
): readonly number[] | undefined {
  const items = node.kind === 'sequence' ? node.items : [node]
  const codes: number[] = []
  for (const item of items) {
    if (!isInteger(item)) return entryError(report, node.span, attribute, texts.notIntegers)
    codes.push(item.value)
  }
  return codes
}

/** A boolean that is a keyword of its own: `interruptible config should be a boolean value`. */
export function readBoolean(node: YamlNode, report: Report): boolean | undefined {
  return isBoolean(node) ? node.value : configError(report, node.span, texts.notABoolean)
}
