import { Layout } from './layout.tsx'

export function NotFoundPage() {
  return (
    <Layout title="Page not found" frame={null}>
      <h1>Page not found</h1>
      <p>
        There is nothing here, or nothing that you may see. <a href="/">All projects</a>
      </p>
    </Layout>
  )
}
