// Loaded into the built program with `--import`: kills it with SIGKILL at a commit of its database. SLUICE_DIE_AT is `n:inside`, in the
// nth transaction with all of it written and nothing committed, or `n:after`, when it is committed. Counting begins when the program
// first asks which schedules are due.
import Database from 'better-sqlite3'

const [count, when] = (process.env.SLUICE_DIE_AT ?? '').split(':')
const { prepare, transaction } = Database.prototype
let left = Infinity

function die() {
  process.kill(process.pid, 'SIGKILL')
  // The signal is there before the next line of anybody runs.
  for (;;);
}

Database.prototype.prepare = function (sql, ...more) {
  if (left === Infinity && /from schedules where active = 1 and next_run_at <=/.test(sql))
    left = Number(count)
  return prepare.call(this, sql, ...more)
}

Database.prototype.transaction = function (work) {
  let last = false
  const made = transaction.call(this, (...given) => {
    const result = work(...given)
    if (last && when === 'inside') die()
    return result
  })
  const immediate = (...given) => {
    last = --left === 0
    const result = made.immediate(...given)
    if (last) die()
    return result
  }
  return { immediate }
}
