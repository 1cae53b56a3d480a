/** The release whose behaviour and API are meant: `CI_SERVER_VERSION`, `GET /version`. */
export const GITLAB_VERSION = '18.5.0'
