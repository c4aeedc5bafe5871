import type { DescMessage, MessageShape } from '@bufbuild/protobuf'
import { writeJson } from '@strait/service-kit/rest/write-json'

/**
 * What the audit log keeps of a thing: its message as REST shows it, every field under its name in the schema, JSON text inline. Fields
 * that are only taken and never shown (`input_only`: secrets, values of variables) are not in it, however deep they are.
 */
export function auditText<D extends DescMessage>(desc: D, message: MessageShape<D>): string {
  return writeJson(desc, message)
}
