import { describe, expect, it } from 'vitest'
import { namedInScript } from '../../../src/cli/watch/script-paths.ts'

describe('a path that a script names', () => {
  it.each([
    ['cat a.txt', 'a.txt', true],
    ['cat a.txt', 'b.txt', false],
    ['cat a.txt', 'sub/a.txt', false],
    ['cat ./sub/a.txt', 'sub/a.txt', true],
    ['pytest tests', 'tests/unit/a.py', true],
    ['pytest tests', 'testsuite/a.py', false],
    ['cd sub && cat a.txt', 'sub/b.txt', true],
    ['"$CI_PROJECT_DIR/ci/run.sh" --all', 'ci/run.sh', true],
    ['${CI_PROJECT_DIR}/ci/run.sh', 'ci/run.sh', true],
    ['ls src/*.js', 'src/a.js', true],
    ['ls src/*.js', 'src/a.ts', false],
    ['wc -l src/{a,b}.js', 'src/b.js', true],
    ['tool --config=etc/tool.yml', 'etc/tool.yml', true],
    ['docker run -v ./data:/data image', 'data/x', true],
    // A program is looked for in PATH, not in the repository.
    ['make test', 'make/rules.mk', false],
    ['make test', 'test/a.js', true],
    ['if test -f x; then make; fi', 'test/a.js', false],
    ['A=1 build.d/run', 'build.d/run', true],
    ['curl https://example.com/src', 'src/a.js', false],
    ['eslint .', 'any/file.js', true],
    ['go test ./...', 'pkg/a.go', true],
    ['go test ./pkg/...', 'pkg/a.go', true],
    ['go test ./pkg/...', 'cmd/a.go', false],
    ['. ./env.sh', 'other', false],
    ['. ./env.sh', 'env.sh', true],
    ['npm install', 'package.json', false],
    ['sh "$DIR/run.sh"', 'scripts/run.sh', true],
    ['first\ncat a.txt', 'a.txt', true],
    ["cat 'my file.txt'", 'my file.txt', true],
    ['cat "docs/my file.txt" b', 'docs/my file.txt', true],
    ['cat my\\ file.txt', 'my file.txt', true],
    ["echo it's && cat a.txt", 'a.txt', true],
    ["sh -c 'cat a.txt b.txt'", 'b.txt', true],
  ])('%j and %s: %s', (line, path, named) => {
    expect(namedInScript([line], [{ key: 'DIR', value: 'scripts' }])(path)).toBe(named)
  })
})
