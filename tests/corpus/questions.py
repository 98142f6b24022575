#!/usr/bin/env python3
"""Clean text full of question marks, which repair of damaged text must leave alone: as much of it as wanted, the same for the same seed.

usage: questions.py OUT.jsonl [--mb N] [--seed S]
       questions.py --fixtures FOLDER [--seed S]

Chinese, simplified and traditional, and what stands beside it: questions of every punctuation people type (`?!`, `?？`, `??`, `?，`), forums, dialogue,
chat, FAQ pages, subtitles, poems, unknown characters of names written `?`, placeholders, code, SQL, addresses, regular expressions, icon fonts and rare
names in private-use characters. A record: id, text, language, kind. --fixtures writes a short text of every kind, as `questions_KIND.in.txt`.

A template holds slots: `{who}` is a word or a phrase of that name, which may hold slots again; `{Q}` a question without its mark, `{S}` a statement, `{X}` an
exclamation; `{q}` `{c}` `{d}` `{e}` the question mark, comma, full stop and exclamation mark that the author of this document types. All words are ours.
"""
import argparse, json, pathlib, random, re

# How people punctuate; a document keeps to one way, with lapses. `typo` has what slips through when two input methods are mixed.
HABITS = {
    "full": {"q": ["？"], "c": ["，"], "d": ["。"], "e": ["！"]},
    "half": {"q": ["?"], "c": [","], "d": ["."], "e": ["!"]},
    "spaced": {"q": ["? "], "c": [", "], "d": [". "], "e": ["! "]},
    "half question": {"q": ["?"], "c": ["，"], "d": ["。"], "e": ["！"]},
    "excited": {"q": ["??", "???", "?!", "!?", "?!?!", "????", "？！", "？？", "！？", "?！", "？!"], "c": ["，", ","], "d": ["。", "…", "~"], "e": ["!!", "!!!", "！！"]},
    "typo": {"q": ["?，", "?,", "?。", "?？", "？?", "? ，", "?、", "?；", "?;", "?.", "?!", "?！", "？，", "？,", "??，", "?！，"], "c": ["，", ",", "，,", ",，"],
             "d": ["。", ".", "。."], "e": ["！", "!", "!，", "！。"]},
    "chat": {"q": ["?", "？", "??", "?~", "?…", "?...", "?哈", "?嗯", "? "], "c": [" ", "，", ","], "d": ["", " ", "~", "…"], "e": ["!", "!!", "~"]},
}

WORDS = {
    # People, places, times
    "who": "我 你 他 她 我们 你们 他们 大家 老师 同学 邻居 老板 同事 朋友 爸爸 妈妈 奶奶 外公 哥哥 妹妹 队长 医生 司机 师傅 店员 房东 客服 楼主 记者 编辑 村长 小王 老李 阿明 "
           "小芳 陈工 林姐 周叔 老板娘 同桌 班长 教练 护士 保安 快递员 馆长 船长 主持人 作者 译者 {surname}{given} {surname}{given}{given} 老{surname} 小{surname}",
    "surname": "王 李 张 刘 陈 杨 赵 黄 周 吴 徐 孙 胡 朱 高 林 何 郭 马 罗 梁 宋 郑 谢 韩 唐 冯 于 董 萧 程 曹 袁 邓 许 傅 沈 曾 彭 吕 苏 卢 蒋 蔡 贾 丁 魏 薛 叶 阎",
    "given": "明 华 芳 国 强 丽 军 敏 静 伟 杰 娟 涛 超 霞 平 刚 桂 英 文 玉 兰 秀 珍 建 海 春 梅 雪 婷 磊 洋 艳 勇 俊 晨 宇 航 欣 怡 思 远 子 涵 博 诚 志 宏 立 新 德 福 寿 康",
    "when": "昨天 今天 明天 后天 上周 下个月 去年 今年春天 上午九点 下午三点半 晚上 半夜 中午 周末 放学以后 下班路上 过年的时候 小时候 刚才 前几天 国庆节 五一 去年冬天 "
            "{n}月{n}日 {n}年前 {n}点钟 二〇一八年 1998年 2003年 民国初年 清末 雨停了以后 天亮之前 开会的时候 出差回来",
    "where": "学校 公司 菜市场 图书馆 医院 车站 机场 码头 老家 楼下 院子里 网上 海边 山顶 食堂 办公室 银行 邮局 书店 公园 工地 镇上 县城 北京 上海 广州 成都 西安 杭州 武汉 "
             "南京 台北 香港 东门外 桥头 河对岸 五楼 隔壁 厨房 阳台 仓库 展厅 操场 广场 电影院 火车上 论坛 群里 博客上",
    "thing": "钥匙 手机 雨伞 护照 身份证 书包 相机 自行车 电脑 充电器 合同 发票 照片 旧报纸 地图 毛衣 眼镜 水杯 药 行李 快递 门票 名单 作业 课本 字典 硬盘 路由器 打印机 冰箱 "
             "洗衣机 空调 灯泡 椅子 窗帘 锅 茶叶 苹果 西瓜 面条 米饭 饺子 蛋糕 鱼 豆腐 花盆 小猫 渔网 船票 族谱 石碑 古井 密码 文件 表格 账单 说明书 软件 驱动程序 数据库 网页",
    "quality": "好 坏 贵 便宜 大 小 新 旧 重 轻 快 慢 难 容易 奇怪 好看 结实 安静 热闹 干净 危险 方便 麻烦 正常 清楚 合适 可靠 辣 咸 甜 远 近 高 低 满 空 对 错 早 晚",
    "act": "买{thing} 找{thing} 修{thing} 还{thing} 送{thing} 看{thing} 去{where} 回{where} 在{where}等人 在{where}拍照 学游泳 写报告 打电话 开会 搬家 加班 请假 做饭 洗衣服 "
           "排队 报名 考试 签字 退款 下载{thing} 安装{thing} 升级{thing} 备份{thing} 重启 关灯 锁门 坐船 爬山 钓鱼 唱歌 下棋 养花 喂猫 讲故事 抄家谱 翻译文章 整理{thing} 换{thing}",
    "n": "一 两 三 四 五 六 七 八 九 十 十二 二十 三十 1 2 3 4 5 6 7 8 9 10 12 15 20 24 30 45 60 99 100",
    "big": "120 300 500 1200 3800 9999 两百 三千 一万 上万 几百 几十 128 256 512 1024 65536 86 404 502",
    "unit": "块钱 米 公里 斤 个人 本 张 台 次 天 小时 分钟 页 层 站 户 艘 棵 只 件",
    "wh": "什么 哪个 哪里 哪儿 谁 怎么 为什么 几个 多少 什么时候 怎么样 干什么 啥 咋 何时 何处",
    "particle": "吗 吧 呢 啊 么 呀 嘛 哦 了吗 没有 没 的吗 了吧 的呢",
    "feel": "高兴 着急 生气 难过 奇怪 害怕 激动 后悔 放心 紧张 失望 惊讶 无聊 不好意思 莫名其妙 哭笑不得 一头雾水 半信半疑",
    "said": "问 说 问道 喊道 反问 笑着问 低声说 追问 自言自语 嘀咕 回答 插嘴 打断他 叹了口气 没有回答 摇摇头 点了点头 又问了一遍 皱着眉头问 转过身来",
    "site": "example.com www.example.org bbs.example.net shop.example.com wiki.example.org m.example.cn map.example.com api.example.io 127.0.0.1:8080 localhost",
    "word": "id name page q key type user lang sort date city tag ref from to size mode code token year a b c x y n",
    "value": "1 2 42 2020 abc zh-CN true false null 北京 你好 书 水果 desc asc main test index %E4%BD%A0 10086 v2 home all",
    "ext": "html php asp jsp do aspx action cgi htm json xml",
    "var": "x y n i name age count total flag user list item path node value result key data 姓名 年龄 数量 结果",
    "type": "int string bool float char List<String> Date number 用户 订单",
    "tone": "qū lái de shì hǎo ma nǐ wǒ mén chuán zhōng guó yuè xíng háng dū dōu liǎo le zháo zhe huán hái chóng zhòng lè cháng zhǎng",
    "hard": "区 来 的 是 好 吗 你 我 们 船 中 国 乐 行 都 了 着 还 重 长 朝 降 调 数 传 藏 盛 参 曲",
    "dynasty": "汉 唐 宋 元 明 清 隋 晋 北魏 南宋 东汉 后周 五代 民国",
    "office": "知县 主簿 举人 秀才 进士 教谕 通判 县丞 翰林 都司 巡抚 庠生 里长 监生",
    "poem": "春风又过小桥东 一夜潮声入梦来 谁把灯花剪到明 旧船犹系柳阴中 不见当年同渡客 雨打芭蕉人未归 空山何处寄书信 落叶纷纷满石阶 月照东墙影几重 江水悠悠向海流 "
            "故园梅子熟何时 灯下翻看旧家书 问君何日再登楼 白发渔翁不记年 夜半钟声第几回 海燕归来认旧巢 清茶一盏话桑麻 雪落无声满院深",
    "face": "(?_?) (・_・?) Σ(?д?lll) (?ω?) ⊙﹏⊙? o_O? (゜-゜)? ╮(╯_╰)╭? (?ˇωˇ?) (°ー°〃)? (￣_￣|||)? (*?▽?*) (?;?) ヽ(?_?)ノ (´?ω?`) ┐(?～?)┌ (/?\\) =_=? @_@??",
    "icon": "\ue600 \ue601 \ue602 \ue603 \ue604 \ue605 \ue610 \ue61a \ue62c \ue634 \ue64b \ue65d \ue66e \ue67f \ue684 \ue69b \ue6a2 \ue6b7 \ue6c0 \ue6d1 \ue6e3 \ue6f5 \ue70a "
            "\ue71f \ue72b \ue733 \ue745 \ue001 \ue002 \ue003 \ue013 \ue027 \ue03a \ue0b0 \ue0b2 \ue101 \ue114 \ue225 \ue248 \uf002 \uf007 \uf015 \uf059 \uf0c9 \uf128 \uf29c \ue8fd \ue88e",
    "rare": "\ue815 \ue816 \ue818 \ue81e \ue826 \ue82b \ue831 \ue843 \ue854 \ue864 \ue4c6 \ue4d2 \ue511 \ue5a3 \ue000 \ue00f \ue05c \ue0ff \ue1a7 \ue233",
    "menu": "首页 搜索 购物车 我的订单 个人中心 设置 帮助 退出 消息 收藏 分享 下载 上传 返回 更多 客服 反馈 地图 电话 邮箱 微信 登录 注册 语言 夜间模式 播放 暂停 音量 全屏",
    "product": "手机壳 蓝牙耳机 保温杯 电饭煲 儿童雨衣 登山鞋 台灯 键盘 移动硬盘 茶具 枕头 窗帘 扫地机 婴儿车 书架 钓鱼竿 帐篷 围巾 豆浆机 望远镜",
    "error": "连接超时 找不到文件 权限不足 密码错误 内存不足 语法错误 编码不对 端口被占用 参数无效 用户不存在 证书过期 磁盘已满 格式不支持 未知错误",
    "en": "really what why ok lol WTF who excuse me seriously sorry hello hmm yes no maybe how much when nani",
    "move": "e4 d4 Nf3 c5 Bb5 O-O Qh5 Rxe8 Kd2 exd5 Nxf7 a6 g4 Bc4 h3",
    "subject": "语文 数学 历史 地理 物理 化学 生物 英语 政治 音乐",
    "choice": "甲 乙 丙 丁 正确 错误 不能确定 以上都是 以上都不是 {thing} {where} {n}{unit} {who}",

    # Sentences without their marks
    "Q": ["{who}{when}去{where}了{particle}", "你{when}在{where}干什么", "{who}的{thing}是谁的", "这{thing}多少钱", "{thing}放在哪里了", "为什么{who}不{act}", "{who}怎么还不{act}",
          "有没有人知道{where}怎么走", "请问{who}什么时候{act}", "你{act}了{particle}", "难道{who}没有{act}", "{wh}的{thing}最{quality}", "{where}离{where}有多远", "要不要{act}",
          "能不能帮我{act}", "可不可以先{act}再{act}", "到底是{quality}还是{quality}", "{thing}和{thing}哪个更{quality}", "{who}为什么这么{feel}", "听说{who}{when}要{act}，是真的吗",
          "你觉得{where}的{thing}{quality}不{quality}", "{n}{unit}够不够", "谁在{where}{act}", "如果{who}不{act}，怎么办", "真的吗", "不会吧", "是吗", "什么", "为什么", "怎么回事",
          "然后呢", "你说呢", "谁", "几点了", "你是谁", "你叫什么名字", "还有吗", "然后{who}就{act}了{particle}", "是不是{act}太{quality}了", "{thing}坏了找谁修", "这个字怎么读",
          "{act}需要带{thing}{particle}", "哪位{when}见过我的{thing}", "有谁{act}过{particle}", "{who}说的{where}在哪儿", "从{where}到{where}坐几路车", "一共来了多少{unit}",
          "{big}{unit}是不是太多了", "{thing}能用{n}年吗", "不{act}行吗", "{who}到底想{act}还是想{act}", "{when}的{thing}还在{particle}", "怎样才能{act}"],
    "S": ["{who}{when}在{where}{act}", "{when}{who}把{thing}忘在{where}了", "{where}的{thing}很{quality}", "我{when}{act}的时候很{feel}", "{who}说{act}太{quality}", "不知道", "我不信",
          "我也想{act}", "{who}已经{act}了", "{thing}在{where}", "先{act}再说", "别{act}了", "{n}{unit}就够了", "那里只有{n}{unit}", "我问过{who}，没有人知道", "这件事跟{who}没关系",
          "{who}的{thing}用了{n}年还很{quality}", "等{who}{act}完就走", "{where}人太多，{act}不方便", "我看了半天也没看懂", "谢谢{who}", "谁知道呢", "反正我不{act}", "{who}一直很{feel}",
          "只要{quality}就行", "从{where}走{n}分钟就到", "听{who}说{where}{when}有活动", "老{thing}比新{thing}{quality}", "其实{act}并不{quality}", "那时{where}还没有{thing}"],
    "X": ["太{quality}了", "终于{act}了", "{who}赢了", "快{act}", "真{feel}", "不可能", "别开玩笑了", "{thing}回来了", "天哪", "我的{thing}", "恭喜{who}", "{where}到了", "小心{thing}", "真的"],

    # A turn of speech, a paragraph
    "turn": ["{Q}{q}", "{S}{d}", "{X}{e}", "{X}{e}{Q}{q}", "{Q}{q}{S}{d}", "{S}{c}{Q}{q}", "{Q}{q}{Q}{q}"],
    "para": ["{S}{c}{S}{d}{Q}{q}{S}{d}{S}{c}{S}{d}", "{Q}{q}{S}{c}{Q}{q}{S}{d}{X}{e}", "{S}{d}{S}{c}{S}{d}{X}{e}{Q}{q}", "{X}{e}{S}{d}{Q}{q}{Q}{q}{S}{c}{S}{d}",
             "{when}{c}{S}{d}{who}{feel}地{said}{c}{Q}{q}{S}{d}"],
    "pair": ["{word}={value}"],
    "query": ["?{pair}", "?{pair}&{pair}", "?{pair}&{pair}&{pair}", "?{value}", "?"],
    "url": ["http://{site}/{word}.{ext}{query}", "https://{site}/{word}/{n}{query}", "http://{site}/{query}", "{site}/{word}{query}#{word}"],
}

KINDS = {
    "questions": ["{Q}{q}{Q}{q}{Q}{q}", "{Q}{q}{S}{d}", "{X}{e}{Q}{q}{S}{d}", "{S}{c}{Q}{q}", "{Q}? {S}{d}", "{Q}?{Q}?{Q}?{Q}?", "{para}", "问：{Q}？{S}{d}", "{Q}，{Q}{q}", "{wh}{q}{wh}{q}{wh}{q}"],
    "forum": ["【求助】{Q}{q}\n{para}\n在线等{c}{feel}{e}", "{n}楼 {who}：{turn}\n{n}楼 {who}：{turn}\n{n}楼 {who}：{turn}", "标题：{Q}{q}{Q}{q}\n{para}{para}", "引用 {n}楼：“{Q}{q}”\n{S}{d}",
              "RT{c}{Q}{q}{S}{d}有人遇到过吗{q}", "[问题] {Q}{q} 悬赏{big}分\n{para}", "顶{e}{Q}{q}顶{e}", "楼上{Q}{q}楼主{Q}{q}沙发呢{q}", "Re: Re: {Q}{q}\n> {Q}{q}\n> {S}{d}\n{turn}",
              "{who} 发表于 2012-{n}-{n}\n{para}\n回复 举报 {Q}{q}", "多图预警{e}{Q}{q}猜猜这是哪里{q}{S}{d}", "弱弱地问一句{c}{Q}{q}{Q}{q}大神们{Q}{q}"],
    "dialogue": ["“{Q}{q}”{who}{said}。", "“{Q}{q}”\n“{S}{d}”\n“{Q}{q}”\n“{S}{d}”", "{who}{said}：“{Q}{q}{S}{d}”", "{who}：{Q}{q}\n{who}：{S}{d}\n{who}：{Q}{q}", "“{S}{c}”{who}{said}，“{Q}{q}”",
                 "甲：{Q}{q}\n乙：{S}{d}\n甲：{Q}{q}\n丙：{X}{e}", "“{Q}?”他问，“{Q}?”", "“谁?”他{said}。“我。”“{Q}?”", "“{Q}？！”“{Q}？”{who}{feel}极了。", "—— {Q}{q}\n—— {S}{d}\n—— {Q}{q}",
                 "{who}一愣：“{X}?!{Q}?!”“{S}。”", "“什么?!”{who}跳了起来,“{Q}?”", "“{Q}?,”{who}说,“{S}.”"],
    "exclamation": ["什么?!{Q}?!{Q}??", "{X}?!{X}?!不会吧?!", "真的?!{who}{act}了?!太好了!", "{Q}？！{Q}？？？", "啊??{Q}??{Q}???", "{X}！！？？", "{Q}?？{S}?？", "？？？{Q}？？？", "?!?!{X}?!", "{Q}!?{Q}!?",
                    "???{S}???", "????{who}????", "{who}?!{where}?!{when}?!", "这也行？?!{Q}?!!", "{X}?！{Q}?！", "{Q}吗?!,{S}", "真的假的?!!!{Q}???!!!"],
    "typo": ["{Q}?，{S}。", "{Q}?。{S}。", "{Q}？,{S}.", "{S},{Q}?，{Q}?，{S}", "他说?，{S}", "{Q}? ，{S}", "{Q}？。{Q}？。", "{Q}?、{Q}?、{Q}?", "{Q}?；{Q}?；{S}。", "{Q}?,{Q}?,{S}", "（{Q}?），{S}",
             "《{Q}?》，{who}著", "{Q}\n?，{S}", "{Q}?！{X}!，{S}", "{Q}，？{S}", "{Q} ?{S}", "{S}?？，{S}", "{thing}?,{thing}?,{thing}?,{Q}?", "{n}?，{n}?，{S}", "{Q}?‘{S}’,{Q}?", "?，{S}?，{S}"],
    "code": ["{var} = {var} > {n} ? {var} : {var}; // {S}{c}{Q}?", "return {var}?{var}:{var};//{S}", "int? {var} = null; // {Q}?\nvar {var} = {var} ?? \"{thing}\"; // 默认值",
             "let {var} = 读取(\"{thing}.txt\")?; // {S}\nlet {var} = {var}.解析()?;// {Q}?", "{var}?.{var}?.{var}() // {S}?", "const 提示 = ok?'{X}':'{error}';", "if [ $? -ne 0 ]; then echo \"{error}\"; fi",
             "<?php echo '{S}'; ?>{S}", "<?xml version=\"1.0\" encoding=\"GB2312\"?><说明>{S}</说明>", "type 选项 = {{ {var}?: {type}; {var}?: {type} }} // {Q}?", "(if (null? 列表) '{thing} '{thing}) ; {Q}?",
             "puts \"{S}\" if {var}.empty?;  # {Q}?", "printf(\"%s\\n\", a?\"是\":\"否\");/* {Q}?{Q}? */", "git status\n?? {thing}.txt\n?? {where}/{thing}.md\n M {thing}.py",
             "@{var}?, @{var}?; // {Q}?!", "assert {var} is not None, \"{Q}?\"", "console.log(`{thing}?{var}:${{{var}?{n}:{n}}}，{S}`);", "when(x){{ is {type}? -> \"{thing}\"; else -> \"?\" }}",
             "{var} ?: \"{thing}\" // {S}，{Q}?", "grep -E '{thing}?,{thing}?' {thing}.csv | wc -l  # {Q}?", "fn 查找(名: &str) -> Option<u32> {{ let 号 = 表.get(名)?; Some(*号) }}", "LIKE '{thing}?' ; ?,? ;"],
    "sql": ["SELECT {thing} FROM 表 WHERE a=? AND b IN (?,?,?);", "INSERT INTO 用户(姓名,年龄,城市) VALUES (?,?,?);{S}", "UPDATE {thing} SET 价格=?,数量=? WHERE 编号=?; -- {Q}?", "DELETE FROM 订单 WHERE 日期<? OR 状态=?;",
            "参数：?,?,?；依次为{thing}、{thing}、{thing}", "where 名称 like ?, 类型=?, 备注='{Q}?'", "call 统计(?,?,?,?,?)；返回{thing}", "占位符?、?、?对应{who}、{who}、{who}", "select * from t where 名=?,或者 id=?;{Q}?"],
    "urls": ["{url}", "{S}：{url}", "请看{url}，{Q}{q}", "下载地址{url}。{S}", "（{url}）{Q}?", "{url},{url},{url}", "打开{url}?后{S}", "网址是{site}/?，{S}", "<a href=\"{url}\">{thing}</a>", "{S} {url} {S}",
             "GET /{word}?{pair}&城市={where} HTTP/1.1\n{S}", "链接:{url} 密码:{big} {Q}?", "搜索“{thing}?{thing}”得到{url}", "Subject: =?GB2312?B?xOO6ww==?=\n{S}", "Referer: {url}, {S}?"],
    "regex": ["正则 .*?{thing} 匹配到{thing}，{Q}?", "(?<={thing}).+?(?={thing})", "用(?:是|否)?，不要用(是|否)", "(?i){thing}|{thing}??", "^第[一二三四五六七八九十]+?[章节回]", "[？?！!]+，[，,]?", "a{{2,5}}?，{n}次",
              "把?换成？,把!换成！", "s/[?？]+/？/g; # {Q}?", "\\d+?,\\d+?；{S}", "通配符?代表一个字,*代表多个字,如{thing}?.txt", "ls {thing}??.log；{S}", "{thing}(?!{thing})，{Q}?"],
    "quotes": ["“{Q}?”，{S}", "‘{Q}?’、‘{Q}?’", "《{Q}？》《{Q}？》", "「{Q}？」「{Q}？」{who}{said}。", "『{Q}?』,{S}", "“{Q}?”“{Q}?”“{S}”", "({Q}?)({S})", "【{Q}?】{S}", "\"{Q}?\",\"{Q}?\",\"{S}\"", "'{Q}?';'{S}'",
               "“？”是问号，“?”是半角问号，“??”是两个", "所谓“{Q}?”，{S}", "问号（?）、叹号（!）、逗号（,）", "在“?”处填上{thing}", "{who}只回了一个“?”，{S}", "\"?\",他回复"],
    "pinyin": ["{hard}({tone})是什么意思?{S}", "“{hard}”字读{tone}还是{tone}?", "{hard}（{tone}）?{hard}（{tone}）?", "{hard}({tone})?，{Q}?", "{hard}[{tone}]?{S}", "{tone}?{tone}?{Q}?", "多音字：{hard}（{tone}/{tone}?）",
               "{surname}{given}({tone})?{surname}{given}({tone})?", "{hard}{hard}({tone} {tone})怎么写?,{S}", "拼音?{tone}?声调?{n}声?"],
    "halfwidth": ["{S},{S}.{Q}?{S}.", "{Q}?{Q}?{S}!{S}.", "{S};{S};{Q}?", "{who}:{Q}?{who}:{S}.", "({S}),{Q}?[{S}]", "1.{Q}?2.{Q}?3.{Q}?", "{S},{Q}?!{S}...", "a.{thing}?b.{thing}?c.{thing}?", "{when},{S},{Q}?,{S}."],
    "faq": ["问：{Q}？\n答：{S}{c}{S}{d}", "Q: {Q}?\nA: {S}。{S}。", "Q1：{Q}?\nA1：{S}\nQ2：{Q}?\nA2：{S}", "{n}、{Q}?{S}。", "常见问题\n{Q}?\n{S}。\n{Q}?\n{S}。\n{Q}?\n{S}。", "如何{act}?{S}。如何{act}?{S}。",
            "Q{n}?{Q}A{n}:{S}", "{product}怎么退货?，答:{S}。", "[帮助] {act}失败?提示“{error}”?请{act}。", "忘记密码? 没有账号? 联系客服?", "？ 帮助：{Q}\n？ 帮助：{Q}"],
    "subtitles": ["{n}\n00:0{n}:12,{big} --> 00:0{n}:15,{big}\n{Q}?\n{S}", "- {Q}?\n- {S}", "- {Q}?!  - {S}", "{Q}? 不 {S}", "♪ {poem} {poem} ♪\n{Q}?", "({who}) {Q}?", "{who}? {who}? {Q}?", "嗯? 什么? {Q}?",
                  "Dialogue: 0,0:0{n}:01.00,0:0{n}:03.00,Default,,0,0,0,,{Q}?\\N{Q}?", "[{X}] {Q}?,{S}", "{Q}?{Q}?\n{en}?"],
    "chat": ["{who} 20:1{n}:33\n{turn}\n{who} 20:1{n}:41\n{turn}", "{who}: ?\n{who}: ??\n{who}: ???\n{who}: {turn}", "<{who}> {turn}\n<{who}> ?", "[{when}] {who}: {turn}", "{who}:在吗?{who}:?{who}:在", "@{who} {turn}",
             "{who}?你在{where}?{S}", "{who}撤回了一条消息\n{who}: ?，{S}", "？\n？？\n{Q}？", "?\n?\n{Q}?\n?", "{turn} {face}", "{en}?{Q}?{en}?!", "{who}:?,{who}:?,{who}:{S}", "1111?2222?{Q}?"],
    "bursts": ["{X}??{act}?,{S}", "{who}?;{act}?,", "{thing}?!{X}?!", "{X}?!{thing}?!?{S}", "{thing}??{feel}?，", "{feel}??{X}??{thing}??{act}??", "{who}?!{X}?!?{X}???", "{act}?!?!{X}??{act}?;{X}?,",
               "啊???{X}??{feel}?!{X}?。", "{thing}?!、{thing}?!；{X}?,", "{thing}??{thing}?!{thing}?,", "{X}?;{who}?;{thing}?,", "??{X}??{X}??", "?!{X}?!,{X}?!;"],
    "cantonese": ["佢哋喺邊度呀??係咪走咗呀?!唔知喎??", "可能返咗屋企啩??咁你呢??", "嘅嘢??噉點算呀?!啱啱先食完飯?。冇呀??", "唔係啩??乜嘢事呀??咩呀?!搞乜鬼?;好嘢??", "嗰個人係邊個??攞住啲嘢??畀我睇吓??", "佢話?、你話?、我話?。",
                  "??乜嘢事呀", "做乜嘢?!做咩??點解?,", "幾多錢??幾時返?!邊個話唔得??", "{who}喺{where}做緊乜嘢??"],
    "poems": ["{poem}，{poem}？\n{poem}，{poem}。", "{poem}?\n{poem},\n{poem}?\n{poem}.", "《{poem}》\n{who}\n{poem}？\n{poem}！\n{poem}？", "{poem}?{poem}?{poem}?", "{poem}，?，{poem}。", "{poem}(?),{poem}",
              "谁?{poem}？\n何处?{poem}？\n几时?{poem}？"],
    "unknown": ["{surname}?、{surname}{given}?、?{surname}{given}", "{n}世 {surname}?，字{given}{given}，生卒?，配{surname}氏?", "{surname}?{given}，{dynasty}{office}，生于?年，卒于?年", "（?－{big}），{dynasty}人", "{surname}{given}(?—19{big})",
                "此字不清，暂作“?”，下句缺{n}字：???{poem}", "{dynasty}?{office}?，碑文残", "民国?年?月?日，{surname}?{given}立", "19??年{n}月，{S}", "约18??年—19??年", "138????{big}，{S}", "作者：?（一说{surname}{given}?）",
                "{surname}公讳?，号{given}?，葬于{where}?", "第?页，第?行，{S}", "缺字：?，疑为“{hard}”", "人口?，面积?，{S}", "{where}：?{unit}；{where}：?{unit}", "甲?,乙?,丙?,丁{n}", "电话:0571-????{big}",
                "车牌 浙A·?{big}?，{Q}?", "{dynasty}·{surname}??《{poem}》", "父{surname}??,母{surname}氏,兄??,弟{given}"],
    "placeholders": ["姓名：？？？\n年龄：？\n住址：？？？", "姓名:???电话:???", "???：{S}", "敌人：？？？ HP:???/???", "隐藏角色：???，{S}", "价格:?元，数量:?{unit}", "{thing} ?? {unit}", "如图??所示，{S}", "见第??节，表??，{S}",
                     "x=?,y=?,z=?", "{n}+{n}=?,{n}×{n}=?；{S}", "得分:?:?，时间：??:??", "气温??°C，{S}", "答案：A? B? C? D?", "掉落物品：？？？、？？？、{thing}", "【？？？】{who}：{S}", "成就：？？？？？（未解锁）",
                     "填空：{who}在___?___，{S}", "{product} ￥?.??起", "密码：????{Q}?", "坐标(?,?)，(?,?,?)", "第？章 ？？？", "{n}比?,结果是?,{S}"],
    "icons": ["{icon}{menu}", "{icon} {menu}  {icon} {menu}  {icon} {menu}", "{menu}{icon}", "{icon}{menu}{icon}{menu}{icon}{menu}？", "{icon}{Q}?{icon}", "{menu}{icon}，{S}", "{icon}?{menu}", "{icon}{icon}{icon} {menu}", "<i>{icon}</i>{menu}",
              "点击{icon}{menu}，{Q}?", "{product}{icon}{big}{icon}{n}?", "\uf8ff {menu}，{S}", "{icon}返回{menu}?,{icon}"],
    "rare_names": ["{surname}{given}{rare}", "{surname}{rare}、{surname}{given}", "{surname}{rare}{given}，{where}人，{S}", "（{rare}，音{tone}）?{S}", "“{rare}”字怎么打?{Q}?", "{rare}县{where}，{S}?", "{surname}{rare}?，{Q}?"],
    "emoticons": ["{Q}{face}", "{face}{S}", "{S}{face}，{S}", "{face}?,{Q}?", "{X}{face}{X}{face}", "{Q}?{face}?{S}", "{face},{face},{Q}?!", "{en} {face} {S}"],
    "run_on": ["{Q}?{S}", "你叫什么名字?我叫{surname}{given}", "{Q}?{S}{Q}?{S}{Q}?{S}", "{Q}?没有?{Q}?有?", "会?不会?{S}", "是?否?{Q}?", "{who}?{who}?{who}?{S}", "{Q}?啊{Q}?哦{S}", "{wh}?{wh}?{S}", "{thing}?有。{thing}?没有。"],
    "line_ends": ["{Q}?\n，{S}", "{Q}?\n，{S}\n。{Q}?", "{S}\n?{S}", "{Q}?\n{Q}?\n{Q}?", "{S}，{Q}\n?，{S}", "{Q}?\n、{S}", "?\n{S}", "{S}\n?\n{S}", "{Q}??\n！{S}"],
    "exams": ["{n}.（{subject}）{Q}?( )\nA.{choice} B.{choice} C.{choice} D.{choice}", "{n}、{Q}？（　　）\nA．{choice}；B．{choice}；C．{choice}", "判断：{S}。（?）{S}。（?）", "{subject}?{n}分?,{subject}?{n}分?", "若{var}=?,则{var}的值为?,{S}",
              "已知a?b={n},求a,b.{Q}?", "连线题:{thing}—?;{thing}—?;{thing}—?", "{subject}老师问:{Q}?,全班{feel}"],
    "shop": ["{product}{quality}吗?{S}", "卖家您好{c}{product}{Q}{q}包邮吗{q}", "评价：{product}{quality}{c}{Q}{q}{S}{d}", "规格?,颜色?,尺寸?,请备注", "问大家：{Q}?\n{who}：{S}\n{who}：{S}?", "{product}有货?几天到?能便宜?,{S}"],
    "mixed": ["What?!{Q}?!Really??{S}", "{en}?{Q}?", "{Q}? {en}?! {S}", "なに？{Q}？えっ?!{S}", "뭐?{Q}?", "1.{move}?! {move}?? {n}.{move}!? {S}", "C#的int?，{S}", "what's {thing}? 就是{thing}?,{S}", "iPhone {n}?，{Q}?", "¿{en}? {S}", "Is it {thing}?,{S}",
              "TCP?UDP?{Q}?", "MP3?,AVI?,{S}", "按?键看帮助，按q退出", "Windows {n}?,蓝屏?,{error}?", "A股?,B股?,{Q}?", "CPU:?,内存:?G,{Q}?", "DNA?，RNA?；{S}", "{S} (?) {S} [?] {S}", "{who} vs {who} ?:? {X}!"],
}

# What is written otherwise in traditional characters, in pairs, for the words above.
TRADITIONAL = dict(re.findall("(.)(.)", (
    "万萬业業东東两兩个個为為丽麗举舉么麼乐樂书書买買于於从從仓倉们們价價会會伞傘伟偉传傳儿兒兰蘭关關兴興养養内內册冊写寫军軍冯馮净淨几幾击擊刘劉则則刚剛别別办辦动動区區医醫华華单單卖賣卢盧厅廳历歷厨廚县縣参參发發台臺叶葉号號叹嘆后後吕呂吗嗎听聽"
    "启啟吴吳员員咸鹹园園围圍国國图圖场場坏壞块塊坛壇墙牆声聲壳殼处處备備复復够夠头頭妈媽婴嬰孙孫学學实實对對寿壽层層师師帐帳帘簾带帶帮幫广廣庆慶库庫应應开開张張强強归歸当當录錄态態悬懸惊驚户戶扫掃抚撫护護报報换換据據摇搖敌敵数數断斷无無旧舊时時"
    "晋晉暂暫机機权權条條来來杨楊杰傑极極标標样樣桥橋梦夢楼樓残殘气氣汉漢没沒浆漿涛濤渔漁温溫游遊满滿灯燈点點烦煩热熱状狀犹猶猫貓电電皱皺盏盞监監盘盤码碼确確离離积積称稱签籤类類紧緊约約级級纷紛纸紙线線练練终終经經结結统統编編网網罗羅联聯脑腦艳艷"
    "节節苏蘇苹蘋药藥萧蕭蒋蔣蓝藍装裝见見规規觉覺计計订訂认認记記讲講讳諱讶訝许許论論设設证證评評译譯试試诚誠话話语語误誤说說请請读讀课課谁誰调調谓謂谕諭谢謝谱譜败敗账賬货貨购購贵貴贾賈赏賞赢贏赵趙车車转轉软軟轻輕载載辑輯边邊过過还還这這进進远遠"
    "连連适適选選递遞邓鄧邮郵邻鄰郑鄭里裡钓釣钟鐘钥鑰钱錢银銀链鏈锁鎖锅鍋错錯键鍵镇鎮镜鏡长長门門问問间間闹鬧阎閻队隊阳陽阴陰阶階陈陳险險隐隱难難雾霧静靜韩韓页頁顶頂项項预預题題颜顏风風饭飯饺餃馆館馈饋马馬驱驅鱼魚黄黃龄齡"
)))


class Author:
    """Writes documents of one kind; keeps to a way to punctuate."""

    def __init__(self, draw):
        self.draw = draw
        self.habit = draw.choice(list(HABITS))
        self.traditional = draw.random() < 0.35

    def mark(self, name):
        habit = HABITS[self.habit] if self.draw.random() < 0.85 else HABITS[self.draw.choice(list(HABITS))]
        return self.draw.choice(habit[name])

    def fill(self, template):
        def slot(found):
            name = found[1]
            return self.mark(name) if name in HABITS["full"] else self.fill(self.draw.choice(WORDS[name]))
        return re.sub(r"\{(\w+)\}", slot, template.replace("{{", "\0").replace("}}", "\1")).replace("\0", "{").replace("\1", "}")

    def document(self, kind, pieces):
        between = self.draw.choice(["\n", "\n", "\n\n", " " if kind not in ("code", "subtitles") else "\n", ""])
        text = between.join(self.fill(self.draw.choice(KINDS[kind])) for _ in range(pieces))
        if self.traditional:
            text = "".join(TRADITIONAL.get(c, c) for c in text)
            if self.draw.random() < 0.7:
                text = text.translate(str.maketrans("“”‘’", "「」『』"))
        return text


WORDS = {name: words if isinstance(words, list) else words.split() for name, words in WORDS.items()}


def documents(seed):
    """Records without end; a kind after another, so that each is there in any amount."""
    number = 0
    while True:
        for kind in KINDS:
            author = Author(random.Random(f"{seed}/{number}"))
            text = author.document(kind, author.draw.choice([1, 2, 3, 5, 8, 13, 21]))
            yield {"id": f"{kind}/{number}", "text": text, "language": "zh-Hant" if author.traditional else "zh", "kind": kind}
            number += 1


def fixtures(folder, seed, size=4000):
    """A text of each kind, every template in it at least once, simplified and traditional, with the marks of every habit."""
    for kind, templates in KINDS.items():
        draw = random.Random(f"{seed}/{kind}")
        lines, length, n = [], 0, 0
        while n < len(templates) or length < size:
            author = Author(draw)
            text = author.fill(templates[n % len(templates)])
            if author.traditional:
                text = "".join(TRADITIONAL.get(c, c) for c in text)
            lines.append(text)
            length += len(text.encode())
            n += 1
        (folder / f"questions_{kind}.in.txt").write_bytes(("\n".join(lines) + "\n").encode())


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("out", nargs="?")
    arguments.add_argument("--mb", type=float, default=5)
    arguments.add_argument("--seed", type=int, default=1)
    arguments.add_argument("--fixtures", type=pathlib.Path, metavar="FOLDER")
    options = arguments.parse_args()
    if options.fixtures:
        fixtures(options.fixtures, options.seed)
    if options.out:
        size = 0
        with open(options.out, "w", encoding="utf-8") as out:
            for record in documents(options.seed):
                out.write(json.dumps(record, ensure_ascii=False) + "\n")
                size += len(record["text"].encode())
                if size >= options.mb * 1e6:
                    break


if __name__ == "__main__":
    main()
