// Loaded into a program before its own code: ends it in an orderly way when the launcher is gone without having said so,
// as after a kill -9. Only the program itself listens, none of its children, so the mark is taken off at once.

const launcher = process.env.STRAIT_LAUNCHER_PID
delete process.env.STRAIT_LAUNCHER_PID

if (process.channel && launcher === String(process.ppid)) {
  process.once('disconnect', () => process.kill(process.pid, 'SIGTERM'))
  // Listening is no reason to stay alive.
  process.channel.unref()
}
