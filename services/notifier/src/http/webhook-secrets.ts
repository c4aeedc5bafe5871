// The secrets that sign webhooks, asked of the catalog for each batch of deliveries and kept nowhere: not in memory, in a row, in a log.
// So a secret that was replaced or ended signs nothing that is sent after the catalog has answered that, whatever news got lost. While
// the catalog cannot be asked, asking fails and the delivery waits: "no secret" is an answer, silence is not.

/** Answers the secrets of each job, newest first, in the order of the ids; none for a job that has none. */
export type AskSecrets = (jobIds: readonly string[]) => Promise<readonly (readonly string[])[]>

/** The secrets of jobs, by job. */
export type SecretsOf = (jobIds: readonly string[]) => Promise<ReadonlyMap<string, readonly string[]>>

/** Makes one question of a batch, in which each job stands once. */
export function createWebhookSecrets(ask: AskSecrets): SecretsOf {
  return async (jobIds) => {
    const ids = [...new Set(jobIds)]
    const answers = await ask(ids)
    return new Map(
      ids.map((id, index) => {
        const secrets = answers[index]
        if (secrets === undefined) throw new Error('the catalog did not answer for every job')
        return [id, secrets]
      }),
    )
  }
}
