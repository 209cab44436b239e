/// Names that docker and podman make up where the user gives none: `adjective_surname`, a digit after a collision.
///
/// Such a name is new for each container, so it says nothing about what runs.
enum MadeUpName {
    static func matches(_ name: String) -> Bool {
        guard let underscore = name.firstIndex(of: "_") else { return false }
        let adjective = name[..<underscore]
        var surname = name[name.index(after: underscore)...]
        if let last = surname.last, last.isASCII, last.isNumber { surname.removeLast() }
        return adjectives.contains(adjective) && surnames.contains(surname)
    }

    /// The words of docker 20 to 28 and podman 4, and the few that older versions had.
    private static let adjectives = words(
        """
        admiring adoring affectionate agitated amazing angry awesome beautiful blissful bold boring brave busy charming
        clever cocky compassionate competent condescending confident cool cranky crazy dazzling determined distracted
        dreamy eager ecstatic elastic elated elegant eloquent epic exciting fervent festive flamboyant focused friendly
        frosty funny gallant gifted goofy gracious great happy hardcore heuristic hopeful hungry infallible inspiring
        interesting intelligent jolly jovial keen kind laughing loving lucid magical modest musing mystifying naughty
        nervous nice nifty nostalgic objective optimistic peaceful pedantic pensive practical priceless quirky quizzical
        recursing relaxed reverent romantic sad serene sharp silly sleepy stoic strange stupefied suspicious sweet
        tender thirsty trusting unruffled upbeat vibrant vigilant vigorous wizardly wonderful xenodochial youthful
        zealous zen
        """)

    private static let surnames = words(
        """
        agnesi albattani allen almeida antonelli archimedes ardinghelli aryabhata austin babbage banach banzai bardeen
        bartik bassi beaver bell benz bhabha bhaskara black blackburn blackwell bohr booth borg bose bouman boyd
        brahmagupta brattain brown buck burnell cannon carson cartwright carver cerf chandrasekhar chaplygin chatelet
        chatterjee chaum chebyshev clarke cohen colden cori cray curie curran darwin davinci dewdney dhawan diffie
        dijkstra dirac driscoll dubinsky easley edison einstein elbakyan elgamal elion ellis engelbart euclid euler
        faraday feistel fermat fermi feynman franklin gagarin galileo galois ganguly gates gauss germain goldberg
        goldstine goldwasser golick goodall gould greider grothendieck haibt hamilton haslett hawking heisenberg hellman
        hermann herschel hertz heyrovsky hodgkin hofstadter hoover hopper hugle hypatia ishizaka jackson jang jemison
        jennings jepsen johnson joliot jones kalam kapitsa kare keldysh keller kepler khayyam khorana kilby kirch knuth
        kowalevski lalande lamarr lamport leakey leavitt lederberg lehmann lewin lichterman liskov lovelace lumiere
        mahavira margulis matsumoto maxwell mayer mccarthy mcclintock mclaren mclean mcnulty meitner mendel mendeleev
        meninsky merkle mestorf minsky mirzakhani montalcini moore morse moser murdock napier nash neumann newton
        nightingale nobel noether northcutt noyce panini pare pascal pasteur payne perlman pike poincare poitras
        proskuriakova ptolemy raman ramanujan rhodes ride ritchie robinson roentgen rosalind rubin saha sammet sanderson
        satoshi shamir shannon shaw shirley shockley shtern sinoussi snyder solomon spence stallman stonebraker
        sutherland swanson swartz swirles taussig tesla tharp thompson torvalds tu turing varahamihira vaughan
        visvesvaraya volhard villani wescoff wilbur wiles williams williamson wilson wing wozniak wright wu yalow yonath
        zhukovsky
        """)

    private static func words(_ text: String) -> Set<Substring> {
        Set(text.split(whereSeparator: \.isWhitespace))
    }
}
