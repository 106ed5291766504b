// Validates archives by the schema of HAR 1.2.
const fs = require('fs')
const path = require('path')
const validator = require('har-validator')

const folder = process.argv[2]
const archives = fs.readdirSync(folder).filter(name => name.endsWith('.har'))

async function main () {
  for (const name of archives) {
    const archive = JSON.parse(fs.readFileSync(path.join(folder, name), 'utf8'))
    await validator.har(archive).catch(error => {
      throw new Error(`${name}: ${JSON.stringify(error.errors)}`)
    })
  }
  if (archives.length < 200) throw new Error(`only ${archives.length} archives`)
  const able = await validator.har({ log: { version: '1.2' } }).then(() => false, () => true)
  if (!able) throw new Error('the validator accepts anything')
  console.log(`${archives.length} archives are valid HAR 1.2`)
}

main().catch(error => {
  console.error(error.message)
  process.exit(1)
})
