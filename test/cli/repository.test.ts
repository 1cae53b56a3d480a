import { expect, it } from 'vitest'
import { originOf } from '../../src/cli/repository.ts'

it.each([
  ['git@gitlab.example.com:group/app.git', 'group/app', 'https://gitlab.example.com'],
  ['git@host:group/sub/app', 'group/sub/app', 'https://host'],
  ['https://gitlab.example.com/group/app.git', 'group/app', 'https://gitlab.example.com'],
  ['https://user:secret@gitlab.example.com:8443/group/app/', 'group/app', 'https://gitlab.example.com:8443'],
  ['http://10.0.0.1:8080/g/a', 'g/a', 'http://10.0.0.1:8080'],
  ['ssh://git@gitlab.example.com:2222/group/app.git', 'group/app', 'https://gitlab.example.com'],
  ['/srv/git/app.git', 'local/my-shop', 'http://localhost'],
  ['../app.git', 'local/my-shop', 'http://localhost'],
  ['file:///srv/git/app.git', 'local/my-shop', 'http://localhost'],
  ['https://example.com/app.git', 'local/my-shop', 'http://localhost'],
  ['git@host:group/../app', 'local/my-shop', 'http://localhost'],
  [undefined, 'local/my-shop', 'http://localhost'],
])('the remote %s makes the project %s on %s', (url, projectName, serverUrl) => {
  expect(originOf(url, '/home/me/my shop')).toEqual({ projectName, serverUrl })
})
