# Ruby's TSort over variables, as GitLab's Variables::Collection::Sort uses it. Reads lists of [name, [names it mentions]];
# writes for each list the strongly connected components as lists of indexes.
require 'json'
require 'tsort'

lists = JSON.parse($stdin.read)
puts JSON.generate(lists.map { |items|
  each_node = ->(&block) { items.each_index(&block) }
  each_child = ->(index, &block) {
    items[index][1].flat_map { |name| items.each_index.select { |other| items[other][0] == name } }.each(&block)
  }
  TSort.strongly_connected_components(each_node, each_child)
})
