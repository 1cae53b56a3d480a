# Ruby's own File.fnmatch? with GitLab's flags. Reads {"patterns": [...], "paths": [...]}, writes for each pattern one 0 or 1 a path.
require 'json'

question = JSON.parse($stdin.read)
flags = File::FNM_PATHNAME | File::FNM_DOTMATCH | File::FNM_EXTGLOB
puts JSON.generate(question.fetch('patterns').map { |pattern|
  question.fetch('paths').map { |path| File.fnmatch?(pattern, path, flags) ? '1' : '0' }.join
})
