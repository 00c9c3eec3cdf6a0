"""The smaller classes of words: times, weather, feelings, countries, colours, and so on."""

from lexicon import Word, _rows


def _words(table: str, zh_names=(), en_names=()):
    """Columns: Chinese, English, then the named Chinese forms, then the named English forms."""
    columns = 2 + len(zh_names) + len(en_names)
    for zh, en, *rest in _rows(table, columns):
        zh_rest, en_rest = rest[: len(zh_names)], rest[len(zh_names):]
        yield Word(zh, en, tuple(zip(zh_names, zh_rest)), tuple(zip(en_names, en_rest)))


NOW = list(_words("每天/every day; 每天早上/every morning; 每天晚上/every evening; 周末/at weekends; 星期天/on Sundays; 下午/in the afternoon; 放学以后/after school; 夏天/in summer; 春天/in spring; 星期六/on Saturdays"))
PAST = list(_words("昨天/yesterday; 昨天晚上/last night; 上个星期/last week; 今天早上/this morning; 上个月/last month; 去年夏天/last summer; 星期一/on Monday; 昨天下午/yesterday afternoon; 刚才/just now; 三天以前/three days ago"))
FUTURE = list(_words("明天/tomorrow; 下个星期/next week; 今天晚上/tonight; 明天早上/tomorrow morning; 下个月/next month; 明年/next year; 这个周末/this weekend; 后天/the day after tomorrow"))
SEASON = list(_words("春天/spring/暖和/花开了/warm/the flowers open; 夏天/summer/很热/白天很长/hot/the days are long; 秋天/autumn/凉快/树叶黄了/cool/the leaves turn yellow; 冬天/winter/很冷/常常下雪/cold/it often snows", ("feel", "sign"), ("feel", "sign")))
SKY = list(_words("很好/fine/was fine; 很热/hot/was hot; 很冷/cold/was cold; 很暖和/warm/was warm; 不好/bad/was bad; 很凉快/cool/was cool", (), ("was",)))
FEELING = list(_words("高兴/happy; 累/tired; 难过/sad; 生气/angry; 饿/hungry; 渴/thirsty; 着急/worried; 害怕/afraid; 激动/excited; 困/sleepy"))
GOOD = list(_words("高兴/happy; 激动/excited; 快乐/glad; 开心/cheerful"))
COLOUR = list(_words("红色/red; 黄色/yellow; 蓝色/blue; 绿色/green; 白色/white; 黑色/black; 灰色/grey; 棕色/brown"))
FUR = list(_words("白色/white; 黑色/black; 灰色/grey; 棕色/brown; 黄色/yellow"))
SIZE = list(_words("大/big; 小/small; 漂亮/pretty; 可爱/lovely; 新/new; 旧/old"))
ANIMAL_LOOK = list(_words("可爱/lovely; 聪明/clever; 安静/quiet; 胆小/shy; 漂亮/pretty; 懒/lazy; 快乐/cheerful"))
CHARACTER = list(_words("聪明/clever; 善良/kind; 勇敢/brave; 努力/diligent; 认真/careful; 安静/quiet; 热情/cheerful; 诚实/honest; 友好/friendly; 幽默/funny"))


def _countries():
    table = """
中国/China/北京/Beijing/中文/Chinese/亚洲/Asia; 日本/Japan/东京/Tokyo/日语/Japanese/亚洲/Asia; 法国/France/巴黎/Paris/法语/French/欧洲/Europe
德国/Germany/柏林/Berlin/德语/German/欧洲/Europe; 英国/Britain/伦敦/London/英语/English/欧洲/Europe; 意大利/Italy/罗马/Rome/意大利语/Italian/欧洲/Europe
西班牙/Spain/马德里/Madrid/西班牙语/Spanish/欧洲/Europe; 俄罗斯/Russia/莫斯科/Moscow/俄语/Russian/欧洲/Europe; 埃及/Egypt/开罗/Cairo/阿拉伯语/Arabic/非洲/Africa
韩国/Korea/首尔/Seoul/韩语/Korean/亚洲/Asia; 泰国/Thailand/曼谷/Bangkok/泰语/Thai/亚洲/Asia
"""
    for zh, en, zh_city, en_city, zh_tongue, en_tongue, zh_part, en_part in _rows(table, 8):
        yield Word(zh, en, (("city", zh_city), ("tongue", zh_tongue), ("part", zh_part)),
                   (("city", en_city), ("tongue", en_tongue), ("part", en_part)))


COUNTRY = list(_countries())
CHINESE_CITY = list(_words("北京/Beijing; 上海/Shanghai; 广州/Guangzhou; 西安/Xi'an; 成都/Chengdu; 南京/Nanjing; 杭州/Hangzhou; 武汉/Wuhan"))
NUMBER = list(_words("两/two; 三/three; 四/four; 五/five; 六/six; 七/seven; 八/eight; 九/nine; 十/ten"))
AGE = list(_words("六/six; 七/seven; 八/eight; 九/nine; 十/ten; 十一/eleven; 十二/twelve"))
HOUR = list(_words("六/six; 七/seven; 八/eight; 九/nine; 十/ten; 五/five"))
WEEKDAY = list(_words("星期一/Monday; 星期二/Tuesday; 星期三/Wednesday; 星期四/Thursday; 星期五/Friday; 星期六/Saturday; 星期天/Sunday"))
SUBJECT = list(_words("数学/mathematics; 英语/English; 中文/Chinese; 历史/history; 音乐/music; 科学/science; 美术/art"))
JOB = list(_words("老师/teacher; 医生/doctor; 司机/driver; 护士/nurse; 农民/farmer; 工程师/engineer; 画家/painter; 歌手/singer; 科学家/scientist; 警察/policeman; 作家/writer; 演员/actor"))
ON = list(_words("上/on; 下/under; 旁边/next to; 后面/behind; 前面/in front of"))
RIDE = list(_words("坐火车/by train; 坐公共汽车/by bus; 骑自行车/by bicycle; 走路/on foot; 开车/by car"))
FAR = list(_words("坐火车/by train; 坐飞机/by plane; 坐船/by boat"))
FESTIVAL = list(_words("春节/the Spring Festival; 中秋节/the Moon Festival; 国庆节/National Day; 端午节/the Dragon Boat Festival"))
ILL = list(_words("头疼/a headache; 感冒了/a cold; 发烧了/a fever; 肚子疼/a stomach ache; 牙疼/a toothache"))
MONEY = list(_words("五/five; 八/eight; 十/ten; 二十/twenty; 三十/thirty; 五十/fifty"))
