import type { Role } from '../../model/user.ts'
import { Layout, type Frame } from './layout.tsx'

export function ForbiddenPage({ frame, least }: { readonly frame: Frame; readonly least: Role }) {
  return (
    <Layout title="Not allowed" frame={frame}>
      <h1>Not allowed</h1>
      <p>{`This is for those who have at least the role ${least} in this project.`}</p>
    </Layout>
  )
}
